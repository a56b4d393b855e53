"""The voluntary standard's datapoints in words, and what a year's dataset lacks, with the way out."""

from __future__ import annotations

from exchange.web.reader import mark as _

DATAPOINTS: dict[str, str] = {
    "TotalMassOfMaterialUsed": _("Materials used, by mass"),
    "TotalAmountOfWaterWithdrawnFromAllSites": _("Water withdrawn at all sites"),
    "AmountOfWaterWithdrawnAtSitesLocatedInAreasOfHighWaterStress": _(
        "Water withdrawn where water is scarce"
    ),
    "GrossScope1GreenhouseGasEmissions": _("Scope 1"),
    "GrossLocationBasedScope2GreenhouseGasEmissions": _("Scope 2, location-based"),
    "GrossMarketBasedScope2GreenhouseGasEmissions": _("Scope 2, market-based"),
    "TotalGrossLocationBasedScope1AndScope2GHGEmissions": _("Scope 1 and 2, location-based"),
    "TotalGrossMarketBasedScope1AndScope2GHGEmissions": _("Scope 1 and 2, market-based"),
    "Scope1AndScope2GreenhouseGasEmissionsIntensityValueLocationBased": _(
        "Scope 1 and 2 for each krone of turnover, location-based"
    ),
    "Scope1AndScope2GreenhouseGasEmissionsIntensityValueMarketBased": _(
        "Scope 1 and 2 for each krone of turnover, market-based"
    ),
    "TotalEnergyConsumption": _("Energy used in all"),
    "EnergyConsumptionFromElectricity": _("Electricity"),
    "EnergyConsumptionFromSelfGeneratedElectricity": _("Own electricity"),
    "EnergyConsumptionFromFuels": _("Fuels"),
    "RenewableEnergy": _("renewable"),
    "NonRenewableEnergy": _("not renewable"),
    "Total": _("in all"),
    "TotalWasteGeneratedMass": _("Waste generated"),
    "TotalHazardousWasteGeneratedMass": _("Hazardous waste"),
    "TotalNonHazardousWasteGeneratedMass": _("Waste that is not hazardous"),
    "WasteDivertedToRecycleOrReuseMass": _("Waste recycled or reused"),
    "WasteDirectedToDisposalMass": _("Waste disposed of"),
    "TotalWasteRecycledReusedAndDirectedToDisposalMass": _("Waste recycled, reused and disposed of"),
    "WeightOfMaterialUsed": _("Weight used"),
    "GreenhouseGasEmissionReductionTargetBaseYear": _("Reduction target, base year"),
    "GreenhouseGasEmissionReductionTargetYear": _("Reduction target, target year"),
    "baseline": _("Base year's emissions"),
    "target": _("Target year's emissions"),
    "Turnover": _("Turnover"),
    "NumberOfEmployees": _("Employees"),
    "value_added": _("Value added"),
}

LACKS: dict[str, str] = {
    "no_calculation": _(
        "No calculation of the year covers: %(names)s. Work them out from 1 January to 31 December."
    ),
    "nothing_booked": _("%(datapoint)s is left out: nothing of it is booked (%(names)s)."),
    "days_missing": _("%(datapoint)s is left out: bills are missing of %(names)s. Ask the supplier."),
    "factor_missing": _("%(datapoint)s is left out: no factor for %(names)s. Add one with its source."),
    "mass_missing": _("%(datapoint)s is left out: the weight is not known of %(names)s. Ask the supplier."),
    "origin_unknown": _(
        "%(datapoint)s is not split into renewable and other: ask the supplier for the origin of %(names)s."
    ),
    "market_factor_missing": _(
        "%(datapoint)s is left out: ask your energy supplier for its declaration of %(names)s."
    ),
    "treatment_unknown": _(
        "How this waste is treated is not known: %(names)s. Ask your waste carrier for a statement."
    ),
    "other_treatment": _(
        "This waste counts neither as recycled nor as disposed of, for it is recovered otherwise: %(names)s."
    ),
    "heat_in_total_only": _("%(datapoint)s includes bought heat, which no line of its own shows: %(names)s."),
    "year_missing": _("Turnover, employees and value added of %(names)s are not entered."),
    "base_missing": _(
        "The target's amounts are left out: there is no whole figure of its base year %(names)s."
    ),
}
