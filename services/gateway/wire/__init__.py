"""The wire format that existing betting clients speak: form logins, and JSON-RPC 2.0 over HTTP."""
