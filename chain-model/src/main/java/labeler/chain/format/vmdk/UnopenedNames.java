package labeler.chain.format.vmdk;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.FileName;
import labeler.chain.Relation;
import labeler.chain.format.Reference;

/**
 * Files that a descriptor names and qemu does not open: VMware's change tracking, the sidecars of its I/O filters, and
 * extents that qemu skips, such as all extents that a sparse file describes inside of itself. They are searched line by
 * line, as VMware writes them, and not as qemu reads the files that it opens.
 */
final class UnopenedNames {
    /** As many as extents that are opened. Nothing depends on further names, so they are not listed. */
    static final int MAX_NAMES = 512;

    /** The text before a name, up to its first quote. */
    private static final Pattern EXTENT = Pattern.compile("\\s*(?:RW|RDONLY|NOACCESS)\\s+\\d+\\s+\\w+\\s*\"");

    private static final Pattern CHANGE_TRACKING =
            Pattern.compile("\\s*changeTrackPath\\s*=\\s*\"", Pattern.CASE_INSENSITIVE);
    private static final Pattern SIDECARS = Pattern.compile("\\s*ddb\\.sidecars\\s*=\\s*\"", Pattern.CASE_INSENSITIVE);
    private static final Pattern BETWEEN_SIDECARS = Pattern.compile("\\s*[,;]\\s*");

    private UnopenedNames() {}

    /** The names in a text, without the extents that are opened. */
    static List<Reference> in(String text, Collection<Reference> opened) {
        Set<FileName> extents = opened.stream()
                .filter(Reference.Extent.class::isInstance)
                .map(reference -> ((Reference.Extent) reference).name())
                .collect(Collectors.toSet());
        Set<Reference> names = new LinkedHashSet<>();
        text.lines()
                .filter(line -> line.indexOf('"') >= 0)
                .flatMap(UnopenedNames::onLine)
                .filter(named -> named.relation() != Relation.EXTENT || !extents.contains(named.name()))
                .limit(MAX_NAMES)
                .forEach(names::add);
        return List.copyOf(names);
    }

    private static Stream<Reference.Unfollowed> onLine(String line) {
        return Stream.of(
                        named(EXTENT, line, Relation.EXTENT),
                        named(CHANGE_TRACKING, line, Relation.CHANGE_TRACKING),
                        named(SIDECARS, line, Relation.SIDECAR))
                .flatMap(found -> found);
    }

    private static Stream<Reference.Unfollowed> named(Pattern pattern, String line, Relation relation) {
        Matcher matcher = pattern.matcher(line);
        int end = matcher.lookingAt() ? line.indexOf('"', matcher.end()) : -1;
        // As long as qemu takes names elsewhere in a descriptor.
        if (end < 0 || end - matcher.end() > ParentHint.MAX_NAME) {
            return Stream.empty();
        }
        String value = line.substring(matcher.end(), end);
        Stream<String> names = relation == Relation.SIDECAR ? BETWEEN_SIDECARS.splitAsStream(value) : Stream.of(value);
        return names.map(name -> FileName.of(name.getBytes(StandardCharsets.ISO_8859_1)))
                .filter(name -> !name.isEmpty())
                .map(name -> new Reference.Unfollowed(name, relation));
    }
}
