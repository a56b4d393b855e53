"""Where the energy of a carrier comes from, where the carrier itself says it (method section 1)."""

from __future__ import annotations

# A product of sun, wind, plants or manure; of a fossil deposit; what a network delivers is a mixture of both.
RENEWABLE = frozenset({"electricity_self", "biogas", "wood", "straw", "bio_oil"})
NON_RENEWABLE = frozenset({"natural_gas", "lpg", "gas_diesel_oil", "petrol", "fuel_oil", "coal", "coke"})


def origin_of(carrier: str) -> str:
    """The origin of a carrier's energy as `account.Energy` has it: renewable, non_renewable or mixed."""
    if carrier in RENEWABLE:
        return "renewable"
    return "non_renewable" if carrier in NON_RENEWABLE else "mixed"
