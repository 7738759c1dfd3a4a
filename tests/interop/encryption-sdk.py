"""Opens or seals one message with the official AWS Encryption SDK for Python: one JSON request on stdin, one answer on stdout."""
import base64
import json
import sys

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import (
    Algorithm,
    CommitmentPolicy,
    EncryptionKeyType,
    WrappingAlgorithm,
)
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKey

request = json.load(sys.stdin)
secret = base64.b64decode(request["secret"])
if request["kind"] == "aes":
    wrapping = WrappingKey(
        wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
        wrapping_key=secret,
        wrapping_key_type=EncryptionKeyType.SYMMETRIC,
    )
else:
    wrapping = WrappingKey(
        wrapping_algorithm=WrappingAlgorithm.RSA_OAEP_SHA256_MGF1,
        wrapping_key=secret,
        wrapping_key_type=EncryptionKeyType.PRIVATE,
    )
key = RawMasterKey(
    provider_id=request["namespace"],
    key_id=request["name"],
    wrapping_key=wrapping,
)
client = aws_encryption_sdk.EncryptionSDKClient(
    commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
)
source = base64.b64decode(request["body"])
if request["verb"] == "open":
    body, header = client.decrypt(source=source, key_provider=key)
    context = dict(header.encryption_context)
else:
    body, header = client.encrypt(
        source=source,
        key_provider=key,
        encryption_context=request["context"],
        algorithm=Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
        frame_length=request["frameLength"],
    )
    context = request["context"]
json.dump({"body": base64.b64encode(body).decode(), "context": context}, sys.stdout)
