"""Refusals by their stable code, in sentences that are translated; other codes show the "
"service's English."""

from __future__ import annotations

from exchange.web.chain_refusals import CHAIN_REFUSALS
from exchange.web.key_refusals import KEY_REFUSALS
from exchange.web.proof_refusals import PROOF_REFUSALS
from exchange.web.reader import mark as _
from exchange.web.request_refusals import REQUEST_REFUSALS

REFUSALS: dict[str, str] = {
    "not_found": _("There is nothing here that you may see. Check the address, or ask the owner for access."),
    "role.missing": _("Your role does not allow this. Ask an administrator of your organisation."),
    "operator.only": _("Only the operator of the exchange does this."),
    "rate_limited": _("Too many tries. Wait a little and try again."),
    "sign_in.failed": _("The e-mail address or the password is not right."),
    "invitation.invalid": _(
        "This invitation is not valid any more. Ask an administrator of the organisation for a new one."
    ),
    "domain.changed": _("The organisation declares another domain by now. Read the claim again."),
    "key.too_many": _(
        "The organisation has as many keys in force as there can be. Retire one that is no longer used."
    ),
    "cvr.changed": _("The organisation claims another CVR number by now. Look that one up."),
    "password.too_short": _(
        "The password is too short. Use at least 12 characters: four random words are easy to remember."
    ),
    "password.guessable": _(
        "This password is easy to guess. Use at least 12 characters, such as four random words."
    ),
    "id.cvr": _("This is not a valid CVR number. Check whether a digit was mistyped."),
    "product.category": _("Use only small letters a–z, digits and hyphens, for example steel-sheet."),
    "grant.until": _("Choose a date in the future, at most 24 months from now."),
    "dataset.revoked": _("This dataset was revoked before. Publish a new version."),
    "revocation.reason": _("Choose a reason for the revocation."),
    "grant.revoked": _("This access was revoked before."),
    "product.exists": _("You already have a product with this number."),
    "unit.unknown": _("The exchange does not know this unit."),
    "id.gtin": _("The check digit of the GTIN is wrong. Compare it with the bar code."),
    "period.order": _("The period ends before it starts."),
    "date.invalid": _("This is not a date of the calendar."),
    "user.email_taken": _("This e-mail address already has an account. Sign in with it."),
    "paging.cursor": _("This link is out of date. Go back to the first page of the list."),
    "bill.twice": _(
        "This bill is entered already: the same number, or the same days and amount. If both are "
        "meant, give each its own number or confirm it."
    ),
    "bill.overlap": _(
        "Another bill of this supply covers some of these days. Correct the dates, withdraw the "
        "other bill, or give each meter its number."
    ),
    "bill.negative": _(
        "The amount is below zero. Mark it as a credit note if it takes back what was billed before."
    ),
    "bill.implausible": _(
        "This looks unusual: at least a hundred times more or less than the other bills, or than a "
        "place of production uses. Are the amount and its unit right?"
    ),
    "bill.heating_value": _(
        "Choose the upper or the lower heating value. Look on the bill, or ask the gas company."
    ),
    "bill.calorific_value": _(
        "A calorific value is the kWh of one billed unit of a fuel, above zero. Leave it empty "
        "where the bill has none."
    ),
    "bill.text": _("A number here has at most 100 visible characters."),
    "unit.dimension": _("This unit does not measure what is counted here. Choose another unit."),
    "quantity.range": _("The number has too many digits. Round it, or choose a larger or smaller unit."),
    "period.range": _("The days are not within 1990 to 2100. Look for a mistyped year."),
    "factor.missing": _(
        "There is no factor to convert this with for these days. Choose another unit, or enter a "
        "factor of your own with its source."
    ),
    "name.invalid": _("A name has 1 to 200 visible characters."),
    "flow.contradicts": _(
        "This is known under another category or product. Change it where it is shown, or give the "
        "other thing a name of its own."
    ),
    "flow.category": _("Use only small letters a–z, digits and single hyphens, such as steel-sheet."),
    "flow.product": _("No such product is listed by a supplier."),
    "material.share": _("Recycled and bio-based shares are from 0 to 100 %, and together at most 100 %."),
    "material.shares": _("Recycled and bio-based shares are together more than 100 %."),
    "material.mass": _(
        "Give the kilograms of one unit, above zero; leave it empty for what is bought by weight."
    ),
    "material.country": _("A country is two capital letters, such as DE."),
    "material.level": _("Choose the kind of packaging from the list."),
    "waste.code": _(
        "This is no code of the European List of Waste. Take the six digits from the carrier's statement."
    ),
    "waste.treatment": _("Choose the treatment from the list; unknown if the statement does not say."),
    "waste.operation": _("An operation is R1 to R13 or D1 to D15."),
    "waste.hazard": _(
        "Whether the waste is hazardous follows from its code, and the list says otherwise. Check the code."
    ),
    "id.p_number": _("A P-number has ten digits and does not start with 0. Look it up in the CVR register."),
    "site.postal_code": _("This is not a postal code. Write it like 8000."),
    "site.exists": _("You already have a site with this name."),
    "country.invalid": _("A country is two capital letters, such as DK."),
    "product.number": _(
        "A product number has 1 to 100 characters, no control character, and does not start with a space."
    ),
    "product.mass": _(
        "The kilograms of one unit are above zero; leave it empty where the unit is itself a weight."
    ),
    "product.unknown": _("You have no product with this number. Give its name and unit too."),
    "product.contradicts": _(
        "The product is known with another mass or on other terms. Change it at the product itself."
    ),
    "output.negative": _(
        "The amount produced is below zero. Give what was made; returns and scrap do not lower it."
    ),
    "output.overlap": _(
        "Another entry covers some of these days for the same product. Add batches of the same "
        "days together, or withdraw the other entry."
    ),
    "output.machine_hours": _("Machine hours are zero or more."),
    "output.revenue": _("Revenue is zero or more."),
    "coproduct.process": _(
        "A by-product comes out of the making of a main product, not of itself or of another by-product."
    ),
    "coproduct.share": _(
        "A share you state is from 0 to 100 %, and all by-products of a product bear at most 100 "
        "%. Other rules have no share."
    ),
    "coproduct.terms": _("A by-product is sold or given away."),
    "meter.backwards": _(
        "The meter runs backwards: its later reading is below the earlier one. Were they "
        "exchanged, or was the meter replaced?"
    ),
    "reading.overlap": _(
        "Another reading covers some of these days for the same product. Add several meters of one "
        "product together."
    ),
    "reading.text": _("A delivery's name has at most 100 visible characters."),
    "key.exists": _("The site has a key with this name already."),
    "key.above_whole": _("The shares are together more than 100 %."),
    "key.below_zero": _("A share is below zero."),
    "key.shares": _(
        "Stated shares need at least one share and no chosen products; other keys have no shares."
    ),
    "key.products": _("Choose products that are made at this site."),
    "key.basis": _("Choose what the shares stand on from the list."),
    "key.share_twice": _("A product has two shares of the same flow."),
    "year.range": _("Write a year from 1990 to 2100 with four digits."),
    "year.turnover": _("Turnover is zero or more."),
    "year.employees": _("The number of employees is zero or more."),
    "year.contradicts": _(
        "The year was entered with other figures before. Change it at the company's years."
    ),
    "evidence.empty": _("Choose a file that is not empty."),
    "evidence.too_large": _(
        "The file is too large. Take the photo at a lower resolution, or save the document as PDF."
    ),
    "evidence.too_many": _("The bill has 20 documents already. Put them into one file."),
    "row.withdrawn": _("This was withdrawn before."),
    "factor.key": _("The calculator asks for no such factor. Choose another kind, energy or material."),
    "factor.unit": _(
        "These units do not belong to this kind of factor: CO2e of energy is kg for one kWh, for example."
    ),
    "factor.basis": _(
        "This kind of factor does not count that. A figure of other stages belongs in another column."
    ),
    "factor.value": _(
        "The value is zero or more, and a property of a fuel above zero. A value below zero needs a note."
    ),
    "calculation.outdated": _(
        "Bills, keys or factors have changed since this was calculated. Calculate again, and publish that."
    ),
    "calculation.replaced": _(
        "These figures have been calculated anew since this was prepared. Open the newest calculation and sign that."
    ),
    "calculation.other_site": _(
        "This product is also made at another of your sites in these days. Publish one dataset for both yourself."
    ),
    "calculation.gwp_sets": _(
        "The factors used stand on different sets of warming potentials. Choose own factors of one set."
    ),
    "factor.gwp_set": _(
        "Choose AR5 or AR6 for CO2e, or say in the note that the source does not tell; leave it "
        "empty for CO2 and other kinds."
    ),
    "factor.source": _("Name the source in at least 10 characters: the document, who made it and its date."),
    "factor.year": _("Write a year from 1990 to 2100."),
    "factor.geography": _("Write a country's two letters, EU or GLO."),
    "factor.validity": _("The factor ends before it begins."),
    "factor.twice": _(
        "You have another factor of this kind for some of these days. Withdraw it, or let it end "
        "before this one begins."
    ),
    "factor.text": _("The text is too long, or has characters that cannot be seen."),
    "factor.withdrawn": _("This factor was withdrawn before."),
    "deflator.index": _("The index is above zero, and 100 in its base year."),
    "deflator.year": _("Write a year from 1966 to 2100 with four digits."),
    "deflator.source": _(
        "Name the source in at least 10 characters: the table, who publishes it and when you read it."
    ),
    "deflator.edition": _("Write the year and month of publication like 2026-06."),
    "deflator.text": _("The source has at most 500 visible characters on one line."),
    "import.empty": _("Choose a file that is not empty."),
    "import.too_large": _("The file is too large. Hand it in in parts."),
    "account.empty": _("Nothing is booked for these days. Enter bills and production first."),
    "account.too_large": _("The account has more rows than are worked out at once. Choose a shorter period."),
    "table.sheet_missing": _("No sheet of the template was found. Download the template and fill that in."),
    "table.format": _("This is neither an Excel file (xlsx) nor a CSV file."),
    "table.unreadable": _("The file cannot be read. Open it in Excel, save it as xlsx and try again."),
    "table.empty": _("The file has no rows."),
    "table.column_missing": _("A column of the sheet is missing. Take the header from the template."),
    "table.column_doubled": _("A column is there twice."),
    "table.too_large": _("The file is too large when unpacked."),
    "table.too_long": _("The sheet has too many rows. Hand it in in parts."),
    "table.too_wide": _("The sheet has too many columns."),
    "cell.missing": _("This cell must be filled in."),
    "number.invalid": _("This is not a number."),
    "number.ambiguous": _("The number can be read in two ways. Write it without a thousands separator."),
    "number.negative": _("The number is below zero."),
    "number.range": _("The number has too many digits."),
    "date.ambiguous": _("The date can be read in two ways. Write it like 2025-01-31."),
    "year.invalid": _("This is not a year of four digits."),
    "word.unknown": _("This word is not in the list. Choose one from the drop-down."),
    "category.invalid": _("A category has only small letters a–z, digits and single hyphens."),
    "country.unknown": _("Write the country's two letters, such as DE."),
    "share.range": _("A share is from 0 to 100 %."),
    "share.unclear": _("This share can be read in two ways. Write 30 for 30 %."),
    "flow.unknown": _("No bill of this file says what this row is of. Name it just as in its own sheet."),
    "flow.ambiguous": _("Several things of this name are in the file. Say which one."),
    "flow.key": _("The same thing is to be spread in two ways. Choose one."),
    "meter.disagrees": _("The two readings of the meter say another amount than is given."),
    "text.too_long": _("The text is too long."),
    "row.cells": _("The row has more cells than the header."),
    "sheet.unknown": _("This is no sheet of the template."),
    "readings.above_bills": _(
        "Readings for products are together more than the bills say. Correct a reading, or add the missing bill."
    ),
    "output.outside": _("A production record runs over the edge of the period. Split it there."),
    "coproduct.use": _(
        "Something is metered for a by-product, or spread to it by name. Give it to the product it comes out of."
    ),
    "calculation.no_figures": _(
        "Nothing was made of this product in the period, so it has no figures per unit. Enter what was produced."
    ),
    "target.years": _("The target year comes after the base year."),
    "target.reduction": _("Give a share above 0 and at most 100 per cent."),
    "target.exists": _(
        "There is a target of these two years for it already. Withdraw that one first, or choose other years."
    ),
    "initiative.title": _("Say in a few words what is done, in at most 200 characters."),
    "initiative.flow": _("The initiative does not apply to this flow."),
    "initiative.flow_twice": _("Two changes of the same flow: put them together into one."),
    "initiative.flow_unknown": _("This flow is not used where the initiative applies. Choose another one."),
    "initiative.product": _("The product is not made at the site. Choose another one, or the whole site."),
    "initiative.change": _(
        "Write 12 per cent less as -12, or an amount a year with its sign. A flow cannot fall by more than all of it."
    ),
    "initiative.change_over": _("More would fall away than is used there in a year."),
    "initiative.investment": _("An investment is zero or more. Leave it empty where it is not known."),
    "initiative.saving": _("Give the saving in DKK a year, or leave it empty."),
    "initiative.demand": _("The customer's demand has at most 500 visible characters."),
    "initiative.no_year": _(
        "No twelve months that end before the initiative are worked out. Work out the year before it."
    ),
    "initiative.no_periods": _(
        "It needs two periods of equal length, one before and one after the initiative. "
        "Work out the year after it once its bills are there."
    ),
    "initiative.no_volume": _(
        "The products have no unit in common, so what was made cannot be compared. Give each its mass per unit."
    ),
    "organisation.no_calculation": _(
        "No site is worked out for this calendar year. Work each one out from 1 January to 31 December."
    ),
    "organisation.site_missing": _(
        "Some sites are not worked out for this year. Work them out too, or confirm that they are left out."
    ),
    **CHAIN_REFUSALS,
    **KEY_REFUSALS,
    **PROOF_REFUSALS,
    **REQUEST_REFUSALS,
}
