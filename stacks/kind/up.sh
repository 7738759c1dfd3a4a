#!/usr/bin/env bash
# npm run kind:up: a cluster on this machine with Knative Serving and Kourier, and the lake's image in it. Needs docker, kind, kubectl.
# Afterwards: pulumi up -s dev. Safe to repeat. Not run where this was written: there is no Docker there (docs/proof.md).
set -euo pipefail
cd "$(dirname "$0")/../.."
knative=v1.23.0
serving=https://github.com/knative/serving/releases/download/knative-$knative
kourier=https://github.com/knative-extensions/net-kourier/releases/download/knative-$knative
for tool in docker kind kubectl; do command -v "$tool" >/dev/null || { echo "kind:up: $tool is not on PATH. Install it, then run this again."; exit 1; }; done

kind get clusters | grep -qx lake || kind create cluster --config stacks/kind/cluster.yaml
kubectl config use-context kind-lake
kubectl apply -f "$serving/serving-crds.yaml"
kubectl wait --for=condition=Established --all crd --timeout=60s
kubectl apply -f "$serving/serving-core.yaml" -f "$kourier/kourier.yaml"
kubectl patch -n knative-serving configmap/config-network --type=merge -p '{"data":{"ingress-class":"kourier.ingress.networking.knative.dev"}}'
kubectl patch -n knative-serving configmap/config-domain --type=merge -p '{"data":{"lake.localhost":""}}'
kubectl patch -n kourier-system service/kourier --type=merge -p '{"spec":{"type":"NodePort","ports":[{"name":"http2","port":80,"targetPort":8080,"nodePort":31080}]}}'
kubectl wait -n knative-serving --for=condition=Available --all deployment --timeout=300s

npm run --silent image
docker build -f functions/hosts/knative/Containerfile -t dev.local/lake:1 .
kind load docker-image --name lake dev.local/lake:1
echo "ready: pulumi up -s dev"
