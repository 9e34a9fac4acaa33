package labeler.config;

import java.util.Optional;

/** The version of the program. */
public final class ProgramVersion {
    private ProgramVersion() {}

    /** The version from the jar's manifest. A run from class files has no manifest. */
    public static String text() {
        return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
                .orElse("development");
    }
}
