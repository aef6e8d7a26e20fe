"""Which texts ask for a person, in English and French; and that real questions seldom do by mistake."""

from __future__ import annotations

import pytest

from support.wishes.words import wish_in

ASKING = [
    "Can I speak to someone?",
    "I'd like to talk to a real person please",
    "Representative!",
    "agent please",
    "I need a human",
    "Please connect me with a live agent.",
    "Could somebody call me about this?",
    "Have someone call me.",
    "transfer me to your manager",
    "I WANT TO SPEAK TO A REPRESENTATIVE",
    "Is there a real person I can reach?",
    "No more bots, please.",
    "can i talk with customer support representative",
    "I want to speak\nto somebody",
    "Je voudrais parler à quelqu’un.",
    "Puis-je parler à un conseiller ?",
    "Passez-moi un responsable",
    "un conseiller svp",
    "Je souhaite être mis en relation avec une vraie personne.",
    "Rappelez-moi, s'il vous plaît",
    "J'aimerais échanger avec un interlocuteur",
    "Pouvez-vous me rappeler demain ?",
    "Je veux un humain, pas un robot",
]
NOT_ASKING = [
    "",
    "I thought it was supposed to only take 1 day if I made a transfer to someone.",  # these two: BANKING77, CC BY 4.0
    "Do I need to speak to a representative to change my pin?",
    "Our sales representative visited you last week and everything is fine with the export.",
    "There is no need to speak to anyone, I found it.",
    "I don't want to talk to a person, just fix the export.",
    "I was able to speak to someone yesterday, thanks.",
    "The agent we installed on the server reports an error 500 since this morning.",
    "The human resources module does not load since Monday.",
    "Somebody changed the settings and the import fails.",
    "People in our team cannot sign in today.",
    "Pas besoin de parler à quelqu'un, c'est réglé.",
    "Notre conseiller est passé mardi et tout fonctionne depuis.",
    "Le module des ressources humaines ne répond plus depuis lundi matin.",
    "Thanks!\n\n> On Monday you wrote:\n> To speak to a representative, call us.",
]


@pytest.mark.parametrize("written", ASKING)
def test_it_asks(written: str) -> None:
    assert wish_in(written)


@pytest.mark.parametrize("written", NOT_ASKING)
def test_it_does_not_ask(written: str) -> None:
    assert wish_in(written) is None


def test_it_takes_no_longer_than_the_text_is_long() -> None:
    assert wish_in("i need to speak to a " * 50_000) is None
    assert wish_in("je " * 100_000) is None
    assert wish_in("can " * 50_000 + "speak to someone") is None  # beyond what is looked at
