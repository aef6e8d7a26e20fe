"""What identity's pages may send."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import Field, StringConstraints

from crm.viewer import Role
from crm.web.forms import Form, OrNone, Submitted, submitted

# Spaces around a password belong to it.
Password = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1_000)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Address = Annotated[str, Field(min_length=1, max_length=254)]
Next = Annotated[Annotated[str, StringConstraints(strip_whitespace=False)] | None, OrNone]
Language = Literal["en", "fr"]


class SignIn(Form):
    email: Address
    password: Password
    next: Next = None


class Enter(Form):
    role: Role
    next: Next = None


class Begin(Form):
    name: Name
    email: Address
    password: Password
    team: Name


class Preferences(Form):
    language: Language | None = None
    theme: Literal["auto", "light", "dark"] | None = None
    density: Literal["compact", "comfortable"] | None = None
    rail: Literal["open", "collapsed"] | None = None
    shortcuts: bool | None = None
    next: Next = None


class Person(Form):
    name: Name
    language: Language
    time_zone: Annotated[str, Field(min_length=1, max_length=64)]


class NewPassword(Form):
    current: Password
    new: Password


class EndSession(Form):
    session: Annotated[str, Field(min_length=1, max_length=64)]  # its reference, or "others"


class NewUser(Form):
    name: Name
    email: Address
    role: Role
    team_id: Annotated[int | None, OrNone] = None
    language: Language
    password: Annotated[Password | None, OrNone] = None


class RoleAndTeam(Form):
    role: Role
    team_id: Annotated[int | None, OrNone] = None


class NewTeam(Form):
    name: Name


SignInSubmitted = Annotated[Submitted[SignIn], Depends(submitted(SignIn))]
EnterSubmitted = Annotated[Submitted[Enter], Depends(submitted(Enter))]
BeginSubmitted = Annotated[Submitted[Begin], Depends(submitted(Begin))]
PreferencesSubmitted = Annotated[Submitted[Preferences], Depends(submitted(Preferences))]
PersonSubmitted = Annotated[Submitted[Person], Depends(submitted(Person))]
NewPasswordSubmitted = Annotated[Submitted[NewPassword], Depends(submitted(NewPassword))]
EndSessionSubmitted = Annotated[Submitted[EndSession], Depends(submitted(EndSession))]
NewUserSubmitted = Annotated[Submitted[NewUser], Depends(submitted(NewUser))]
RoleAndTeamSubmitted = Annotated[Submitted[RoleAndTeam], Depends(submitted(RoleAndTeam))]
NewTeamSubmitted = Annotated[Submitted[NewTeam], Depends(submitted(NewTeam))]
