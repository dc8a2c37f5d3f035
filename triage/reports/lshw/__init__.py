"""``lshw`` in its three forms: JSON, XML and plain text. The tree is one, so ``tree`` reads them all."""
