package labeler.vm;

import java.util.regex.Pattern;

/**
 * Names of ALSA's devices. ALSA reads them in a language of its own, in which {@code file:NAME} writes to a file and
 * {@code file:'|COMMAND'} runs a shell. So a name is accepted only if it is known to do neither.
 */
public final class AlsaName {
    /** Ends a refusal. */
    public static final String DANGER = " is in ALSA's own language, in which a name may open a file or run a program";

    public static final String WAY_OUT =
            "name a card (hw:0,0, plughw:CARD=x), default, or a word that /etc/asound.conf defines";

    /** Names whose words after the colon say which card, device or rate. */
    private static final String CARD =
            "(?:hw|plughw|default|sysdefault|dmix|dsnoop|front|rear|center_lfe|side|surround\\d\\d|iec958|spdif|hdmi"
                    + "|modem|phoneline|usbstream):[A-Za-z0-9_=,-]*";

    /** Without words that it works upon, a name is only looked up. A dot would make it a name of another thing. */
    private static final String ALONE = "[A-Za-z0-9_-]*";

    private static final Pattern PLAIN =
            Pattern.compile("(?:plug:)?" + ALONE + "|" + CARD + "|plug:(?:SLAVE=)?(?:'" + CARD + "'|\"" + CARD + "\")");

    private AlsaName() {}

    /** Whether the name is only that of a card, or of something that the host's configuration defines. */
    public static boolean isPlain(String name) {
        return PLAIN.matcher(name).matches();
    }
}
