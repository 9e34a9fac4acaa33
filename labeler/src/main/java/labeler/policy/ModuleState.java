package labeler.policy;

import java.util.List;

/** The state of a policy's store, compared with the shipped module. */
public enum ModuleState {
    /** Installed, with the shipped content. */
    CURRENT("installed"),
    /** Installed with other content: another version, or a changed one. */
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

    /** @param installed the modules, the one that counts first */
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
