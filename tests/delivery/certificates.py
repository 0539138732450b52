"""Certificates for receivers on loopback, made anew for each run by an authority that nobody else trusts."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: What the certificate is for; tests let this name lead to loopback.
NAME = "receiver.example.com"


@dataclass(frozen=True)
class Certificates:
    """An authority, and a certificate by it."""

    authority: Path
    server: ssl.SSLContext


def make_certificates(folder: Path) -> Certificates:
    """Make both in a folder."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "install openssl: it makes the certificates that these tests need"
    authority, key, request, certificate = (folder / name for name in ("ca.pem", "key.pem", "csr.pem", "cert.pem"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName=DNS:{NAME},DNS:localhost\n", "ascii")
    signer = ["-CA", authority, "-CAkey", folder / "ca.key", "-CAcreateserial"]
    steps = (
        ["req", "-x509", *curve, "-keyout", folder / "ca.key", "-out", authority, "-subj", "/CN=Test authority"],
        ["req", "-new", *curve, "-keyout", key, "-out", request, "-subj", f"/CN={NAME}"],
        ["x509", "-req", "-in", request, *signer, "-extfile", extensions, "-out", certificate],
    )
    for step in steps:
        subprocess.run([openssl, *step], check=True, capture_output=True)  # noqa: S603 - our own words
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return Certificates(authority, server)
