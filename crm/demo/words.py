"""Words of each trade and names of each country, for subjects and people that sound like the customer."""

# ruff: noqa: E501 - a table reads best with one line a row

from __future__ import annotations


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


ASSETS_EN = {
    "Logistics": _list(
        "forklift FL-12, conveyor B2, dock leveller 4, sorter S1, stacker crane 3, trailer T-208, wrapping machine 2, charging station 6, gate 11"
    ),
    "Food": _list(
        "oven line 2, packing robot PR-3, spiral freezer, cooling tunnel K1, mixer M4, metal detector 2, boiler 1, palletiser, filling line F2"
    ),
    "Aerospace": _list(
        "autoclave A2, milling centre MC-7, riveting cell 3, paint booth 1, overhead crane 12 t, torque bench TB-4, clean room air unit, drilling jig 21, test rig R5"
    ),
    "Rail": _list(
        "wheel lathe 1, lifting jacks LJ-4, shunter 08, traverser, bogie press 2, pantograph rig, wash plant, brake test bench"
    ),
    "Shipbuilding": _list(
        "gantry crane 200 t, plate shears 2, slipway winch, blasting hall unit, plasma cutter PC-3, dock pump 4, welding line 1, mobile crane MK-9"
    ),
    "Machinery": _list(
        "lathe DZ-5, grinding centre 2, press P630, robot cell RC-4, coolant plant, compressor 3, hardening furnace, measuring machine M2, saw 7"
    ),
    "Steel": _list(
        "arc furnace 1, rolling stand 4, ladle crane, dust filter F3, casting line 2, shot blaster, annealing furnace 5, scrap shear"
    ),
    "Paper": _list(
        "paper machine PM2, winder 3, pulper 1, corrugator line, die cutter DC-5, baler 2, steam dryer, sheet cutter 4"
    ),
    "Timber": _list("band saw 2, debarker, drying kiln 5, planer line, chipper 1, press B, extraction unit 3"),
    "Ceramics": _list(
        "kiln 3, glazing line 2, ball mill 1, press HP-6, crusher C2, drying chamber 4, mixing plant, conveyor 17"
    ),
    "Textiles": _list("loom 24, dyeing machine 3, stenter frame, warping machine 2, steam boiler, carding line"),
    "Chemicals": _list(
        "reactor R-201, pump P-114B, distillation column K2, scrubber 1, agitator A-7, nitrogen unit, heat exchanger W-33, filling station 4"
    ),
    "Energy": _list(
        "transformer T2, pump station 5, gas engine GM-1, district heating exchanger 12, switchgear 10 kV, meter cabinet 88, boiler K3"
    ),
    "Water": _list(
        "pump station PS-14, clarifier 2, blower B3, UV unit 1, sludge press, telemetry box 31, reservoir valve V7"
    ),
    "Health care": _list(
        "steriliser S3, lift 4, emergency generator, air unit OT-2, bed washer, dialysis water plant, patient hoist 12, nurse call floor 3"
    ),
    "Hospitality": _list(
        "lift 2, pool pump 1, cold room, laundry press, chairlift drive, fire panel, boiler 2, air handling unit 5"
    ),
    "Public sector": _list(
        "lift B, ventilation of the lecture hall, sweeper 3, boiler house, fire panel east, pool filter 2, stage hoist 6"
    ),
    "Facility services": _list(
        "chiller 2, lift 9, air handling unit 14, sprinkler pump, fire panel, car park barrier, generator 1, roof fan 22"
    ),
    "Airports": _list(
        "baggage belt 3, jet bridge 7, runway light circuit B, de-icer truck 2, fire engine 4, X-ray lane 5, escalator 2, ground power unit 11"
    ),
    "Public transport": _list(
        "bus 214, tram 31, wheel lathe, bus wash, inspection pit 2, charging point 8, ticket machine 40"
    ),
}
ASSETS_FR = {
    "Food": _list(
        "le four 2, le pétrin M4, la ligne d’emballage, le tunnel de refroidissement, la chaudière 1, le détecteur de métaux, la laminoire L3"
    ),
    "Paper": _list(
        "la bobineuse 3, le pulpeur 1, la machine PM2, la coupeuse 4, la presse à balles, le sécheur vapeur"
    ),
    "Energy": _list(
        "le transformateur T2, l’éolienne E14, la pompe P5, l’onduleur 7, la cellule 20 kV, le groupe de secours, le multiplicateur M3"
    ),
    "Steel": _list(
        "le four de recuit 5, le laminoir 4, la grenailleuse, le pont roulant 20 t, la cisaille, le filtre F3, la presse P630"
    ),
    "Textiles": _list("le métier 24, la machine à teindre 3, la rame, l’ourdissoir 2, la chaudière vapeur"),
    "Ceramics": _list(
        "le concasseur C2, le crible 1, le convoyeur 17, la centrale d’enrobage, le dumper 8, la chargeuse 3"
    ),
    "Health care": _list(
        "l’autoclave S3, l’ascenseur 4, le groupe électrogène, la centrale d’air du bloc 2, le lève-personne 12, l’appel malade du 3e, le lave-bassins"
    ),
    "Hospitality": _list(
        "l’ascenseur 2, la chambre froide, la pompe de piscine, le télésiège du Loup, la centrale incendie, la chaudière 2, la dameuse 5"
    ),
    "Public sector": _list(
        "la chaufferie, la ventilation de l’amphi B, la balayeuse 3, le filtre du bassin, la centrale incendie, l’ascenseur B, le pont scénique 6"
    ),
    "Public transport": _list(
        "le bus 214, le tram 31, le tour en fosse, la station de lavage, la fosse 2, la borne de charge 8, le distributeur 40"
    ),
    "Facility services": _list(
        "le groupe froid 2, l’ascenseur 9, la centrale d’air 14, la pompe sprinkler, la barrière du parking, le désenfumage 3"
    ),
    "Logistics": _list("le chariot FL-12, le convoyeur B2, le quai 4, le trieur S1, la banderoleuse 2, la porte 11"),
}
PARTS = _list(
    "bearing 6205, seal kit 40-112, filter F-77, belt XPZ 1250, sensor PT100, contactor 9 A, hose 3/4 inch, relay K4, brake pad set, valve DN50"
)
PARTS_FR = _list(
    "roulement 6205, joint 40-112, filtre F-77, courroie XPZ 1250, sonde PT100, contacteur 9 A, flexible 3/4, relais K4, vanne DN50"
)
MONTHS_FR = _list("janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre")
MONTHS_EN = _list("January, February, March, April, May, June, July, August, September, October, November, December")

NAMES = {
    "NO": (
        _list("Ingrid, Lars, Solveig, Magnus, Astrid, Eirik, Kari, Henrik, Silje, Tore, Marit, Sindre"),
        _list("Moe, Haugen, Lie, Berg, Solberg, Dahl, Nygård, Bakke, Strand, Hovland, Aasen, Eide"),
    ),
    "SE": (
        _list("Karin, Johan, Elin, Mats, Sara, Per, Linnea, Oskar, Anna, Fredrik"),
        _list("Nyström, Ekberg, Sandell, Hedlund, Wallin, Åkerman, Fors, Lindahl, Byström"),
    ),
    "FI": (
        _list("Aino, Mikko, Riikka, Jari, Sanna, Pekka, Tiina, Antti"),
        _list("Korhonen, Laine, Heikkinen, Salmi, Koskela, Rantanen, Niemelä"),
    ),
    "IS": (
        _list("Guðrún, Jón, Sigríður, Ólafur, Helga, Einar, Katrín, Bjarni"),
        _list("Einarsdóttir, Helgason, Jónsdóttir, Sigurðsson, Pálsson, Árnadóttir, Gunnarsson"),
    ),
    "DE": (
        _list(
            "Katrin, Henrik, Sabine, Jürgen, Anke, Thomas, Birgit, Matthias, Nina, Stefan, Ulrike, Andreas, Miriam, Holger, Carolin, Frank"
        ),
        _list(
            "Albers, Voß, Brandt, Kessler, Lorenz, Hartwig, Engel, Reuter, Baumann, Seidel, Kramer, Thiele, Wiegand, Böhme, Franke, Jahn"
        ),
    ),
    "AT": (
        _list("Gerhard, Eva, Markus, Doris, Bernhard, Lisa, Harald"),
        _list("Aigner, Hofstätter, Mayrhofer, Pichler, Gruber, Lehner, Wimmer"),
    ),
    "CH": (
        _list("Nadia, Reto, Silvia, Marco, Corinne, Beat, Delphine, Luca, Sandra, Yves"),
        _list("Bernasconi, Caduff, Rochat, Favre, Ammann, Galli, Pittet, Zumstein, Chappuis"),
    ),
    "NL": (
        _list("Femke, Joost, Anouk, Bas, Marieke, Sander, Lotte, Wouter, Esther, Ruben"),
        _list("de Wit, Bakker, van Dijk, Smeets, Hoekstra, Willems, Postma, Kuipers, van Leeuwen, Dekker"),
    ),
    "FR": (
        _list(
            "Sophie, Laurent, Nathalie, Julien, Camille, Thierry, Émilie, Bruno, Isabelle, Mathieu, Valérie, Sébastien, Aurélie, Gérard, Pauline, Didier, Céline, Hugo, Monique, Fabrice, Inès, Olivier"
        ),
        _list(
            "Lambert, Girard, Fontaine, Mercier, Roussel, Chevalier, Gauthier, Perrot, Colin, Marchand, Renaud, Barbier, Lemoine, Picard, Aubert, Charpentier, Delmas, Vasseur, Hoarau, Besson, Tessier, Guillot"
        ),
    ),
    "ES": (
        _list("Lucía, Javier, Carmen, Pablo, Elena, Andrés, Marta, Iván"),
        _list("Castro, Fernández, Varela, Prieto, Souto, Iglesias, Menéndez, Rey"),
    ),
    "PT": (
        _list("Inês, João, Teresa, Rui, Catarina, Nuno"),
        _list("Carvalho, Matias, Figueira, Lopes, Serrano, Duarte"),
    ),
    "IT": (
        _list("Giulia, Paolo, Chiara, Stefano, Elisa, Roberto, Francesca, Davide"),
        _list("Bonetti, Ferraris, Zanardi, Colombo, Pavan, Gritti, Moretto, Salvi"),
    ),
    "TR": (
        _list("Ayşe, Mehmet, Zeynep, Emre, Derya, Burak, Selin, Hakan, Gül, Onur"),
        _list("Yılmaz, Demir, Aydın, Şahin, Koç, Arslan, Özkan, Polat, Güneş, Erdem"),
    ),
    "GB": (
        _list(
            "Helen, Gareth, Priti, Simon, Rachel, Owen, Fiona, Imran, Laura, Colin, Joanne, Neil, Amara, Stuart, Beth, Rajesh"
        ),
        _list(
            "Whitfield, Pritchard, Shah, Hargreaves, Barlow, Lennox, Okoro, Fairhurst, Doyle, Mistry, Thornley, Kerr, Ashworth, Pemberton, Nash, Bellamy"
        ),
    ),
    "IE": (
        _list("Aoife, Declan, Niamh, Cormac, Sinéad, Eoin, Gráinne, Pádraig"),
        _list("Brennan, Fallon, Keane, Quinlan, Nolan, Hennessy, Tierney, Geraghty"),
    ),
    "US": (
        _list("Megan, Carlos, Denise, Kyle, Tanya, Brian, Alicia, Greg"),
        _list("Sorensen, Ramirez, Whitaker, Novak, Kowalski, Bennett, Hale, Jensen"),
    ),
}
ZONES = {
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "PT": "Europe/Lisbon",
    "TR": "Europe/Istanbul",
    "FI": "Europe/Helsinki",
    "IS": "Atlantic/Reykjavik",
    "US": "America/Chicago",
}

POSITIONS_EN = {
    "sponsor": _list(
        "Chief Operating Officer, Director of Operations, VP Operations, Technical Director, Managing Director, Plant Director"
    ),
    "champion": _list(
        "Head of Maintenance, Maintenance Manager, Maintenance Lead, Reliability Manager, Technical Services Manager"
    ),
    "decision_maker": _list(
        "Chief Financial Officer, Head of Procurement, Finance Director, Purchasing Manager, Commercial Director"
    ),
    "technical": _list("IT Manager, Application Manager, Head of IT, Systems Administrator"),
    "billing": _list("Accounts Payable, Financial Controller, Accounting"),
    "user": _list(
        "Maintenance Planner, Shift Lead, Workshop Supervisor, Electrical Technician, Storekeeper, Inspection Coordinator, Mechanical Technician, Quality Engineer"
    ),
}
POSITIONS_FR = {  # forms that fit women and men alike
    "sponsor": _list("Direction des opérations, Direction technique, Direction générale, Direction de site"),
    "champion": _list("Responsable maintenance, Responsable méthodes, Responsable du service technique"),
    "decision_maker": _list("Direction financière, Responsable des achats, Secrétariat général"),
    "technical": _list("Responsable informatique, Chef de projet informatique"),
    "billing": _list("Comptabilité fournisseurs, Contrôle de gestion"),
    "user": _list(
        "Gestionnaire de maintenance, Responsable d’atelier, Magasin central, Maintenance électrique, Responsable d’équipe, Coordination des contrôles, Maintenance mécanique"
    ),
}
