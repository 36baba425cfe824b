"""Pure rules: frozen values in, a decision or a named refusal out."""
