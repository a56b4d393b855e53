"""The shared vocabularies of datasets, requests, grants, reads and exports, each in its fixed order."""

from __future__ import annotations

from enum import StrEnum


class FieldGroup(StrEnum):
    """A member of a dataset's subject: the unit of granting and of disclosure."""

    IDENTITY = "identity"
    INDICATORS = "indicators"
    BREAKDOWN = "breakdown"
    QUALITY = "quality"
    COMPOSITION = "composition"
    SUBSTANCES = "substances"
    CIRCULARITY = "circularity"
    PACKAGING = "packaging"
    SITE = "site"
    PROCESS = "process"
    BYPRODUCTS = "byproducts"
    TAXONOMY = "taxonomy"
    EVIDENCE = "evidence"
    COMMERCIAL = "commercial"


class Purpose(StrEnum):
    """What data are asked, granted, read or exported for."""

    CSRD_REPORTING = "CSRD_REPORTING"
    EU_TAXONOMY_ART8 = "EU_TAXONOMY_ART8"
    PRODUCT_LAW_ESPR_DPP = "PRODUCT_LAW_ESPR_DPP"
    CBAM = "CBAM"
    BATTERY_REG = "BATTERY_REG"
    PPWR = "PPWR"
    REACH_SVHC = "REACH_SVHC"
    EUDR = "EUDR"
    CSDDD_DUE_DILIGENCE = "CSDDD_DUE_DILIGENCE"
    PUBLIC_PROCUREMENT = "PUBLIC_PROCUREMENT"
    CONTRACT_SPECIFICATION = "CONTRACT_SPECIFICATION"
    CLIMATE_TARGET_VOLUNTARY = "CLIMATE_TARGET_VOLUNTARY"
    RESEARCH_STATISTICS = "RESEARCH_STATISTICS"
    SYMBIOSIS = "SYMBIOSIS"
    CHAIN_ROLLUP = "CHAIN_ROLLUP"
    AUDIT = "AUDIT"

    @property
    def needs_basis(self) -> bool:
        """Whether a request for this purpose names what it rests on (article, contract clause, tender)."""
        return self is not Purpose.CSRD_REPORTING


class Answer(StrEnum):
    """A supplier's answer to one requested field."""

    PROVIDE = "provide"
    REFUSE_OVER_CAP = "refuse_over_cap"
    REFUSE_CONFIDENTIAL = "refuse_confidential"
    NOT_AVAILABLE = "not_available"
    NOT_APPLICABLE = "not_applicable"


class SubjectType(StrEnum):
    """What a dataset is about."""

    PRODUCT = "product"
    ORGANISATION = "organisation"
    DELIVERY = "delivery"
    STREAM = "stream"


class DatasetKind(StrEnum):
    """A kind of signed dataset; its schema carries the same name."""

    PRODUCT = "product"
    DELIVERY = "delivery"
    ORGANISATION = "organisation"
    STREAM = "stream"
    EFFORT = "effort"

    @property
    def credential_type(self) -> str:
        """The type its credential carries beside VerifiableCredential, such as ProductDataset."""
        return f"{self.value.capitalize()}Dataset"

    @property
    def subject_type(self) -> SubjectType:
        """What a dataset of this kind is about: the effort survey is about an organisation."""
        if self is DatasetKind.EFFORT:
            return SubjectType.ORGANISATION
        return SubjectType(self.value)
