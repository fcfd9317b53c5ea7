"""A certificate authority of the tests' own, and a leaf that may sign Content Credentials."""

import datetime

import pytest

YEARS = datetime.timedelta(days=3650)


def authority(folder):
    """Paths of a CA's certificate, a leaf's chain and its key, made anew in a folder."""
    x509 = pytest.importorskip(
        "cryptography.x509", reason="cryptography: pip install 'prescreen[provenance]'"
    )
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def named(name):
        return x509.Name(
            [
                x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
                x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Prescreen tests"),
            ]
        )

    def certificate(name, key, issuer, issuer_key, *, ca):
        start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
        unused = ("content_commitment", "key_encipherment", "data_encipherment")
        unused += ("key_agreement", "encipher_only", "decipher_only")
        usage = dict.fromkeys(unused, False)
        own, its = key.public_key(), issuer_key.public_key()
        made = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(own)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + YEARS)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(its), critical=False)
        )
        if not ca:
            purpose = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION])
            made = made.add_extension(purpose, critical=False)
        return made.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    anchor = certificate("root", root_key, "root", root_key, ca=True)
    leaf = certificate("leaf", leaf_key, "root", root_key, ca=False)
    key = leaf_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    paths = [folder / name for name in ("anchor.pem", "leaf.pem", "leaf.key")]
    for path, content in zip(paths, (anchor, leaf, key), strict=True):
        path.write_bytes(content)
    return paths
