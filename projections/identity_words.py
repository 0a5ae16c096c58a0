"""What says nothing about who a client is: legal forms of firms, mail services, hosts where many firms have a page.

Legal forms are spelled as `projections.words.plain` leaves them: without case and diacritics, and without dots.
"""

import re

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk icloud.com me.com aol.com
    gmx.de gmx.net gmx.at web.de t-online.de freenet.de proton.me protonmail.com zoho.com mail.com
    mail.ru inbox.ru list.ru bk.ru internet.ru yandex.ru ya.ru yandex.com yandex.by yandex.kz rambler.ru lenta.ru
    autorambler.ru ro.ru qip.ru pochta.ru ukr.net i.ua meta.ua tut.by mail.bg abv.bg dir.bg gbg.bg
    libero.it virgilio.it orange.fr wanadoo.fr free.fr laposte.net wp.pl o2.pl onet.pl interia.pl seznam.cz
    uol.com.br bol.com.br qq.com 163.com 126.com
    """.split()
)
"""Domains where everybody may have an address."""

SHARED_HOSTS = frozenset(
    """
    vk.com vk.ru ok.ru t.me telegram.me facebook.com fb.com instagram.com linkedin.com youtube.com twitter.com x.com
    wa.me whatsapp.com avito.ru 2gis.ru ozon.ru wildberries.ru sites.google.com
    """.split()
)
"""Hosts where many firms have a page."""

LEGAL_PHRASES = re.compile(
    "общество с ограниченнои ответственностью"
    "|(?:публичное |непубличное |открытое |закрытое )?акционерное общество"
    "|индивидуальныи предприниматель"
    "|дружество с ограничена отговорност"
    "|gesellschaft mit beschrankter haftung"
    "|limited liability company"
)
"""Legal forms written out."""

LEGAL_FORMS = frozenset(
    """
    ооо оао зао пао нпао ао ип чп тоо одо уп оод еоод ад еад ет сд
    ooo oao zao pao ao ip ood eood ead ad et jsc ojsc cjsc pjsc
    gmbh mbh ag kg ohg ug ek se ltd limited llc llp lp inc incorporated corp corporation co company plc
    sa sas sasu sarl srl srls sl slu spa snc bv nv oy oyj ab as aps asa doo dd sro kft zrt nyrt ou uab sia lda ltda
    """.split()
)
"""Short legal forms: of Russia and its neighbours, Bulgaria, the other countries of Europe, and North America."""

DOTTED_FORMS = frozenset("sa sl nv bv dd lp".split())
"""Those of two letters that are mostly written with dots. Two other letters with dots are somebody's initials."""
