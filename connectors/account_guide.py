"""The first sheet of the account template: how to fill it in, which bills to look for, one example row per kind."""

from __future__ import annotations

from connectors.vocabulary import Language

_DANISH = (
    ("Sådan gør du",
     "Udfyld de ark, du har bilag til. Skriv én række pr. regning eller opgørelse. Tomme ark springes "
     "over."),
    ("Dage",
     "Første dag og sidste dag er begge med. Du kan også skrive en måned (marts 2025) eller et år (2025) "
     "under første dag og lade sidste dag stå tom."),
    ("Tal",
     "Skriv tallet, som det står på regningen, og vælg enheden ved siden af. Procent skrives som 30 for 30"
     " %."),
    ("Kreditnota", "Skriv mængden som et positivt tal, og vælg ja under Kreditnota."),
    ("Energi",
     "El-, varme- og gasregninger, tankning og brændsel, målerdata fra solceller. For gas: se efter øvre "
     "eller nedre brændværdi på regningen, og skriv den med."),
    ("Vand", "Årsopgørelsen fra vandværket; målerbogen for egen boring."),
    ("Materialer",
     "Indkøb af det, der bliver til produktet, med vægt. Andele af genanvendt og biobaseret står på "
     "leverandørens produktblad."),
    ("Emballage", "Indkøbt emballage: salgs-, gruppe- og transportemballage."),
    ("Affald",
     "Opgørelsen fra affaldstransportøren: EAK-kode (seks cifre), behandling og vægt. Mangler noget, så "
     "bed transportøren om det."),
    ("Produktion",
     "Hvad der er produceret af hvert produkt. Maskintimer og omsætning kun, hvis noget fordeles efter "
     "dem."),
    ("Biprodukter",
     "Det, der sælges eller gives væk og ikke er affald, og hvilket produkt det opstår ved."),
    ("Bimålere",
     "Hvad en bimåler eller optælling giver til ét produkt: mængden eller målerens stand ved start og "
     "slut."),
    ("Andele", "Faste andele af noget til et produkt, hvis I har dem. Resten bliver stående som ufordelt."),
    ("Virksomhed",
     "Årets værditilvækst, omsætning og antal ansatte. Bruttofortjeneste kan stå i stedet for "
     "værditilvækst."),
    ("Fordeles efter",
     "målt: kun efter bimålere; masse; stk.; maskintimer; økonomisk: efter omsætning. Tom betyder masse."),
    ("Rækken I alt", "En række, der begynder med I alt, læses ikke."),
    ("Eksempel, Energi",
     "El fra nettet | Hovedmåler | 12.500 | kWh | første dag 2025-03-01 | sidste dag 2025-03-31 | masse"),
    ("Eksempel, Affald", "12 01 01 | Jernspåner | Genanvendelse | 840 | kg | R4 | nej | marts 2025"),
)  # fmt: skip
_ENGLISH = (
    ("What to do",
     "Fill in the sheets you have papers for. One row for each bill or statement. Empty sheets are "
     "skipped."),
    ("Days",
     "First day and last day are both included. You may also write a month (March 2025) or a year (2025) "
     "under first day and leave last day empty."),
    ("Numbers",
     "Write the number as it is on the bill and choose the unit beside it. Percentages are written as 30 "
     "for 30 %."),
    ("Credit note", "Write the amount as a positive number and choose yes under Credit note."),
    ("Energy",
     "Electricity, heat and gas bills, fuel, meter data of solar cells. For gas: look for the upper or "
     "lower heating value on the bill (øvre or nedre brændværdi) and write which."),
    ("Water", "The waterworks' yearly statement; the log of an own well."),
    ("Materials",
     "Purchases of what becomes part of the product, with weight. The recycled and bio-based shares are on"
     " the supplier's product sheet."),
    ("Packaging", "Packaging bought: sales, grouped and transport packaging."),
    ("Waste",
     "The waste carrier's statement: EWC code (six digits), treatment and weight. Ask the carrier for what"
     " is missing."),
    ("Production",
     "What was made of each product. Machine hours and revenue only if something is spread by them."),
    ("By-products",
     "What is sold or given away and is not waste, and which product's making it comes out of."),
    ("Meters",
     "What a sub-meter or a count gives to one product: the amount, or the meter at start and at end."),
    ("Shares", "Fixed shares of something for a product, if you have them. The rest stays unallocated."),
    ("Company",
     "The year's value added, turnover and employees. Gross profit (bruttofortjeneste) may stand for value"
     " added."),
    ("Spread by",
     "metered: by sub-meters alone; mass; pieces; machine hours; economic: by revenue. Empty means mass."),
    ("The row Total", "A row that begins with Total is not read."),
    ("Example, Energy",
     "Electricity from the grid | Main meter | 12,500 | kWh | first day 2025-03-01 | last day 2025-03-31 |"
     " mass"),
    ("Example, Waste", "12 01 01 | Iron turnings | Recycling | 840 | kg | R4 | no | March 2025"),
)  # fmt: skip


def guide(language: Language) -> tuple[tuple[str, str], ...]:
    """The lines of the guide: what it is about, and what to know."""
    return _DANISH if language == "da" else _ENGLISH
