package labeler.linux;

import java.util.Set;

/**
 * The rights of a program on this very file or, if it is a directory, on everything beneath it. The rule follows the
 * file, not its name.
 *
 * @param file stays open until the process has become the program
 */
public record LandlockRule(OpenedFile file, Set<LandlockRight> rights) {
    public LandlockRule {
        rights = Set.copyOf(rights);
        if (rights.isEmpty()) {
            throw new IllegalArgumentException("a rule that allows nothing: " + file);
        }
        if (file.status().type() != FileType.DIRECTORY && !rights.stream().allMatch(LandlockRight::ofFiles)) {
            throw new IllegalArgumentException("rights of a directory for a file that is none: " + file);
        }
    }
}
