"""Words that desks use for one another: a reader who asks after the hurt must find the injured. Data, by stem.

A row is a set of words that may stand for each other in a question; kept to news, where they hardly mislead.
"""

from collections.abc import Sequence
from functools import cache

from index.terms import Term, stems

_ROWS = """
kill killed killing dead died die dies death deaths fatal fatality fatalities toll deceased slain perished
injured injury injuries hurt wounded wound wounds casualties casualty
arrested arrest arrests detained detain detention custody held
evacuated evacuate evacuation evacuees fled flee displaced
fire blaze fires flames inferno
explosion explosions blast blasts exploded detonated
police officers officer cops cop
protest protests protesters protester demonstration demonstrators demonstrations rally march marchers
riot riots disorder unrest rioting rioters violence
children child kids kid youngsters minors
attack attacks strike strikes assault struck attacked shelling
troops soldiers soldier servicemen personnel military army
missing unaccounted disappeared vanished
start started starts began begin begun begins broke
stop stopped halt halted suspended suspend end ended ends
cancelled cancel postponed postpone scrapped
close closed shut closure closing
open opened reopen reopened reopening
cost costs price prices worth paid
vote voted votes voting ballot poll
ship vessel boat ferry tanker
plane aircraft jet jets planes flight
car vehicle vehicles cars
road street roads streets motorway highway
jail jailed prison sentenced imprisoned sentence
shot shooting shots gunfire gunman
electricity power outage blackout
aid funding funds money donation donated donations fund
accused accuse blamed blame blames alleged
denied deny denies rejected rejects refused reject refuse
confirmed confirm confirms verified verify confirmation
treaty pact agreement deal accord
rescued rescue saved save
resigned resign quit stepped resignation
won win winner winning victory beat
doctor doctors medic medics paramedics
school schools pupils students lessons classes
weather forecast wind rain storm
reason cause caused causes
help support assistance assist
talks meeting meet met discuss discussed negotiations discussions
demand demands demanded call calls called urged urge
condemn condemned condemns criticised criticized slammed criticism
ban banned bans prohibited forbidden
charge charged charges
damage damaged destroyed wrecked
increase increased rise rose risen grew up
decrease decreased fall fell fallen dropped drop
send sent sending deploy deployed deployment dispatched supply supplied supplying provide
threat threatened threaten warning warned warns
leader head chief boss president
prime minister premier pm
suspect suspects attacker perpetrator
victim victims
residents locals people inhabitants neighbours
firefighters crews engines appliances brigade
ceasefire truce
tested test tests testing
rebuild rebuilt reconstruction repair repaired repairs
reward compensation payout
name named names identified identity
age aged old
power electricity grid outage outages blackout
household households home homes house houses
train trains rail railway railways
bus buses coach coaches
alert alerts warning warnings
storm storms hurricane gale gales cyclone typhoon
flood floods flooding flooded inundated underwater
rain rainfall downpour
snow blizzard
temperature temperatures heat degrees
quake earthquake tremor
government cabinet coalition administration
lawmaker lawmakers mp mps legislator legislators parliamentarian
parliament assembly commons legislature
concede conceded concedes concession
ahead lead leads leading
survey poll polls polling
result results outcome tally
border frontier
rebel rebels insurgent insurgents militants fighters
hostage hostages captive captives kidnapped abducted
refugee refugees migrant migrants
missile missiles rocket rockets
drone drones
bomb bombs bombing explosive explosives
weapon weapons arms
withdraw withdrew withdrawn withdrawal retreat retreated
seize seized seizes capture captured captures
verdict ruling ruled judgment
trial court hearing
lawyer lawyers attorney solicitor barrister
company firm corporation
employee employees staff worker workers
walkout strike strikes
passenger passengers travellers commuters
crash crashed collision collided accident
hospital clinic
ill illness sick disease infection infected
vaccine vaccines vaccination vaccinated jab jabs
tax taxes levy
job jobs employment
unemployed unemployment jobless
football soccer
match game
coach manager
mother mum mom
father dad
wife husband spouse
baby infant newborn
elderly pensioner pensioners
teenager teenagers teen teens youth youths
speech address remarks
apology apologies apologise apologised apologize apologized sorry
investigation investigate investigated investigating investigators inquiry probe
evidence proof
search searched searching hunt
found discovered located
body bodies remains corpse corpses
bridge bridges
shop shops store stores retailer
church mosque synagogue
shelter shelters refuge
volunteer volunteers helpers
collapse collapsed collapses
sink sank sunk
trapped stuck stranded
escape escaped
promise promised promises pledge pledged vow vowed
plan plans planned planning intend intends
oppose opposed opposes against
thank thanked praise praised
sell sold sale
buy bought purchase purchased
steal stole stolen theft looted looting
murder murdered killing homicide
knife stabbing stabbed stabbings
gun guns firearm firearms rifle
mob thugs gang
cancel cancelled called off
delay delayed delays late
letter wrote written
visit visited visits trip
allow allowed permit permitted
hit struck strikes
largest biggest
doctor surgeon physician
lift lifted eased
vanish vanished lost
tot tote toten toter todesopfer gestorben getötet starb starben
verletzt verletzte verletzten verletzter
vermisst vermisste vermissten
evakuiert evakuierte evakuierten evakuierung
festgenommen festnahme festnahmen
загинуло загинули загинув загинула загиблих загиблі загинулих вбито вбиті вбитих
поранено поранені поранених поранення постраждали постраждалих постраждало травмовано травмовані травмованих
зникли зниклих зниклі зникло
евакуйовано евакуювали евакуйованих евакуйовані евакуація
затримано затримали затриманих затримані
погибло погибли погиб погибла погибших погибшие убито убиты убитых
ранено ранены раненых раненые пострадали пострадавших пострадало пострадавшие
пропали пропавших пропавшие пропало
эвакуировано эвакуировали эвакуированных эвакуированы эвакуация
задержано задержали задержанных задержаны
muertos muerto muertas muertes murieron fallecidos fallecieron fallecido
heridos herido heridas lesionados
desaparecidos desaparecido desaparecidas
evacuados evacuadas evacuado
detenidos detenido detenidas
morts mort mortes décès tués tué
blessés blessé blessées blessées
disparus disparu disparues
évacués évacué évacuées
arrêtés arrêté arrêtées interpellés
"""
# In what state people are: who is told of so needs not be called people. Of other languages a word of each row.
_STATES = (
    "killed dead died dies death deaths fatalities deceased perished drowned injured injuries hurt wounded casualties "
    "arrested arrests detained custody evacuated evacuees displaced missing unaccounted disappeared rescued trapped "
    "stranded buried hostages kidnapped abducted infected sick hospitalised homeless unemployed jobless protesters "
    "demonstrators"
)
_STATES_ELSEWHERE = (
    "tot verletzt vermisst evakuiert festgenommen загинули поранені зникли евакуйовано затримано погибли ранены "
    "пропали эвакуированы задержаны muertos heridos desaparecidos evacuados detenidos morts blessés disparus évacués "
    "arrêtés"
)
_PEOPLE = "people persons person menschen leute personen людей люди осіб людини человек personas gente personnes"
PEOPLE = frozenset(stems(_PEOPLE))


@cache
def _table() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for row in _ROWS.strip().split("\n"):
        kin = frozenset(stems(row))
        for one in kin:
            table[one] = table.get(one, frozenset()) | kin
    return {one: kin - {one} for one, kin in table.items()}


@cache
def states() -> frozenset[str]:
    """Return the stems of the states that people are told of by: dead, hurt, missing, held, moved."""
    elsewhere = frozenset(stems(_STATES_ELSEWHERE))
    return elsewhere.union(stems(_STATES), *map(kin_of, elsewhere))


def without_people(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Leave "people" out where a question tells their state: "the number of dead" is how many people have died."""
    if states().isdisjoint(term.stem for term in terms):
        return tuple(terms)
    return tuple(term for term in terms if term.stem not in PEOPLE)


def kin_of(stemmed: str) -> frozenset[str]:
    """Return the stems that may stand for this one; most have none."""
    return _table().get(stemmed, frozenset())
