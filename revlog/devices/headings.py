"""What people head the columns of their lists of things with, in five languages: the fields that every such list has."""

from __future__ import annotations

from collections.abc import Sequence

PHRASES: dict[str, Sequence[str]] = {
    "serial": (
        "serial", "serial number", "serial no", "serials", "serialnumber", "serialno", "sn", "s/n", "ser no", "service tag", "servicetag",
        "seriennummer", "serien nr", "seriennr", "seriennummern", "serien nummer", "serie nr", "geraetenummer", "gerätenummer",
        "fabriknummer", "fabrik nr", "ser nr", "numéro de série", "n° de série", "no série", "numero serie", "n série", "série",
        "número de serie", "nº de serie", "nro de serie", "nro serie", "serie", "num serie", "serienummer", "serie nummer", "serienr",
        "numero di serie", "matricola", "chassis serial", "system serial", "hersteller seriennummer", "manufacturer serial",
        "produktseriennummer", "device serial", "unit serial", "hardware serial", "sernr",
    ),
    "asset_tag": (
        "asset tag", "assettag", "asset", "asset number", "asset no", "asset id", "assetid", "asset #", "asset_tag", "tag", "tag number",
        "company tag", "property tag", "barcode", "inventory number", "inventory no", "inventory", "inventory id", "inventory tag",
        "client tag",
        "fixed asset", "fa number", "inventarnummer", "inventar nr", "inventarnr", "inventar", "inventar nummer", "anlagennummer",
        "anlagen nr",
        "anlagennr", "anlagegut", "inventaris", "inventarisnummer", "inventaris nummer", "activanummer", "asset nummer", "assetnummer",
        "numéro d'inventaire", "n° d'inventaire", "no inventaire", "inventaire", "étiquette", "numéro d'immobilisation", "immobilisation",
        "code inventaire", "code barre", "code barres", "numéro d'actif", "número de inventario", "nº inventario", "inventario",
        "etiqueta",
        "código de inventario", "número de activo", "activo", "activo fijo", "barcode nr", "etikett", "label",
    ),
    "imei": ("imei", "imei1", "imei 1", "imei number", "imei no", "imei/meid", "imei nummer", "numéro imei", "número imei", "imei nr"),
    "manufacturer": (
        "manufacturer", "maker", "brand", "vendor", "make", "oem", "mfr", "mfg", "hersteller", "marke", "fabrikat", "produzent",
        "fabricant",
        "marque", "constructeur", "fabricante", "marca", "fabrikant", "merk", "producent", "manufacturer name", "brand name",
    ),
    "model": (
        "model", "model name", "model number", "product", "product name", "description", "modell", "modellbezeichnung", "modellname",
        "bezeichnung",
        "produkt", "produktname", "gerätebezeichnung", "modèle", "désignation", "designation", "produit", "description produit", "modelo",
        "descripción", "producto", "omschrijving", "modelnaam", "productnaam", "artikelbezeichnung", "beschreibung", "modelo equipo",
        "model description", "item", "item description", "part description",
    ),
}  # fmt: skip
