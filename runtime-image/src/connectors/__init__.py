"""The connectors shipped in the runtime image: one module each, named as `source.builtin` names it (dashes as underscores)."""
