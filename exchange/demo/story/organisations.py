"""Who takes part. Names and numbers are invented; the CVR numbers lie in a range that is not given out."""

from __future__ import annotations

from exchange.demo.story.model import Organisation

SUPPLIER = "lyngvase"
CUSTOMER = "vindelbo"
FACILITATOR = "gronspor"

OPERATOR = Organisation("operator", "Børsvagten (demo)", "99000007", "boersvagten.example")

ORGANISATIONS = (
    Organisation(
        "kvistholm", "Kvistholm Stål (demo)", "99000015", "kvistholm.example", "CH", 46, own_key=True
    ),
    Organisation("stentoft", "Stentoft Stålcenter (demo)", "99000023", "stentoft.example", "CH", 22),
    Organisation("brinkmose", "Brinkmose Støberi (demo)", "99000031", "brinkmose.example", "CH", 38),
    Organisation("lyngvase", "Lyngvase Maskinfabrik (demo)", "99000058", "lyngvase.example", "CH", 45),
    Organisation("mosebryn", "Mosebryn Genplast (demo)", "99000066", "mosebryn.example", "CG", 17),
    Organisation("tangmose", "Tangmose Plast (demo)", "99000074", "tangmose.example", "CG", 31, own_key=True),
    Organisation("kobbelvig", "Kobbelvig Lak (demo)", "99000082", "kobbelvig.example", "CE", 28),
    Organisation("ellerslund", "Ellerslund Fjernvarme (demo)", "99000090", "ellerslund.example", None, 14),
    Organisation("fjordhoj", "Fjordhøj Isolering (demo)", "99000104", "fjordhoej.example", "CG", 64),
    Organisation("solvager", "Sølvager Motor (demo)", "99000112", "soelvager.example", "CJ", 58),
    Organisation("havremark", "Havremark Emballage (demo)", "99000120", "havremark.example", "CC", 26),
    Organisation("tvaerbaek", "Tværbæk Elektro (demo)", "99000139", "tvaerbaek.example", "CI", 19),
    Organisation(
        "vindelbo", "Vindelbo Ventilation (demo)", "99000147", "vindelbo.example", "CK", 480, own_key=True
    ),
    Organisation("vesterbalk", "Vesterbalk Metalimport (demo)", "99000163", "vesterbalk.example", "CH", 12),
    Organisation("osterklit", "Østerklit Råvarer (demo)", "99000171", "oesterklit.example", "CE", 16),
    Organisation("gronspor", "Grønspor Symbiose (demo)", "99000155", "groenspor.example", None, 6),
)
