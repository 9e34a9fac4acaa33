package labeler.policy;

import java.util.List;

/** How a policy's store and what this program ships go together. */
public enum ModuleState {
    /** Installed, with the content that is shipped. */
    CURRENT("installed"),
    /** Installed with another content: of another version, or changed. */
    OTHER("other-version"),
    /** Installed and switched off ({@code semodule --disable}). */
    DISABLED("disabled"),
    ABSENT("absent");

    private final String word;

    ModuleState(String word) {
        this.word = word;
    }

    /** The word for it in JSON. */
    public String word() {
        return word;
    }

    /** @param installed the one that counts first */
    static ModuleState of(ShippedModule shipped, List<InstalledModule> installed) {
        if (installed.isEmpty()) {
            return ABSENT;
        }
        InstalledModule first = installed.getFirst();
        if (!first.enabled()) {
            return DISABLED;
        }
        return first.sha256().equals(shipped.sha256()) ? CURRENT : OTHER;
    }
}
