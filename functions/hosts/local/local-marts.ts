export interface MartBuild { readonly mart: string; readonly rows: number }
export type MartSummary = MartBuild;
export class LocalMarts { constructor(..._: unknown[]) {} async build(_n: readonly string[]): Promise<readonly MartBuild[]> { return []; } async list(): Promise<readonly MartSummary[]> { return []; } }
