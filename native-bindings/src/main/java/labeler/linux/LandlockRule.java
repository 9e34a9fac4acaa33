package labeler.linux;

import java.util.Set;

/**
 * What a program may do with this very file or, if it is a directory, with everything beneath it. It follows the file, not
 * its name.
 *
 * @param file stays open until the program has been become
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
