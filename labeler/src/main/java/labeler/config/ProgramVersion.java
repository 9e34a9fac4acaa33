package labeler.config;

import java.util.Optional;

/** Which version of the program runs. */
public final class ProgramVersion {
    private ProgramVersion() {}

    /** From the jar's manifest, which a run from class files does not have. */
    public static String text() {
        return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
