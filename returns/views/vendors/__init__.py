"""Pages of unsold goods, returns to suppliers, suppliers and corrective actions."""
