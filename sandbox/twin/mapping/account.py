"""The account itself: whom AWS writes to."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource

_CONTACT = {"AlternateContactType": "{alternateContactType}"}

CONTACT = Resource(
    type="aws:account/alternativeContact:AlternativeContact",
    service="account",
    id="{alternateContactType}",
    settings=(Call("PutAlternateContact", _CONTACT, carries=ALL),),
    read=(Read("GetAlternateContact", _CONTACT, at="AlternateContact"),),
    delete=(Call("DeleteAlternateContact", _CONTACT),),
    identity=("alternateContactType",),
)

RESOURCES = (CONTACT,)
