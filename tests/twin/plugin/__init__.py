"""The provider plugins, spoken to as the engine speaks to them."""
