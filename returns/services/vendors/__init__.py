"""Unsold goods, returns to suppliers, their credits, and corrective actions."""
