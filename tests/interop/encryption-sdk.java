import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoResult;
import com.amazonaws.encryptionsdk.exception.AwsCryptoException;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opens and seals messages with the official AWS Encryption SDK for Java: one request a line, one answer a line. A request is
 * verb, kind of key, namespace, name, secret, body, frame length, context, each in base64; an answer body and context, or
 * "refused". A context is its names and values in turn, each ended by a NUL.
 */
class EncryptionSdk {
  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) System.out.println(answer(line));
  }

  static String answer(String line) throws Exception {
    String[] fields = line.split(" ", -1);
    JceMasterKey key = keyOf(text(fields[1]), text(fields[2]), text(fields[3]), bytes(fields[4]));
    byte[] body = bytes(fields[5]);
    var crypto =
        AwsCrypto.builder()
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
            .withEncryptionFrameSize(Integer.parseInt(text(fields[6])))
            .build();
    CryptoResult<byte[], JceMasterKey> result;
    try {
      if (text(fields[0]).equals("open")) result = crypto.decryptData(key, body);
      else result = crypto.encryptData(key, body, contextOf(text(fields[7])));
    } catch (AwsCryptoException refusal) {
      return "refused";
    }
    var context = new StringBuilder();
    result.getEncryptionContext().forEach((name, value) -> context.append(name).append('\0').append(value).append('\0'));
    return base64(result.getResult()) + " " + base64(context.toString().getBytes(StandardCharsets.UTF_8));
  }

  static JceMasterKey keyOf(String kind, String namespace, String name, byte[] secret) throws Exception {
    if (kind.equals("aes"))
      return JceMasterKey.getInstance(new SecretKeySpec(secret, "AES"), namespace, name, "AES/GCM/NoPadding");
    String pem = new String(secret, StandardCharsets.US_ASCII).replaceAll("-----[A-Z ]+-----|\\s", "");
    var factory = KeyFactory.getInstance("RSA");
    var inner = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    var outer = factory.generatePublic(new RSAPublicKeySpec(inner.getModulus(), inner.getPublicExponent()));
    return JceMasterKey.getInstance(outer, inner, namespace, name, "RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
  }

  static Map<String, String> contextOf(String text) {
    var context = new LinkedHashMap<String, String>();
    String[] parts = text.split("\0", -1);
    for (int at = 0; at + 1 < parts.length; at += 2) context.put(parts[at], parts[at + 1]);
    return context;
  }

  static byte[] bytes(String field) {
    return Base64.getDecoder().decode(field);
  }

  static String text(String field) {
    return new String(bytes(field), StandardCharsets.UTF_8);
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
