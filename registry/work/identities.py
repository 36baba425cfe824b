"""Publishing who signs, for foreign verifiers: did:web documents and the JSON Schema."""

from importlib.resources import files

from registry.work.context import Context
from schemas import credential_layout, did, jcs


def step(context: Context) -> bool:
    """Bring the did:web documents and the schema up to the trust list; answers whether any changed.

    Our own verifier reads none of them: it believes the trust list only.
    """
    base, trusted = context.config.base, context.trust.list
    documents = {".well-known/did.json": did.document(did.centre(base), trusted.keys_of(None))}
    for issuer in trusted.issuers:
        keys = trusted.keys_of(issuer.id)
        documents[f"issuers/{issuer.id}/did.json"] = did.document(issuer.did, keys)
    changed = False
    for path, value in documents.items():
        changed = context.tree.put(path, jcs.canonical(value)) or changed
    schema = files("schemas").joinpath("json", "credential.schema.json").read_bytes()
    path = credential_layout.schema_uri(base).removeprefix(base + "/")
    return context.tree.put(path, schema) or changed
