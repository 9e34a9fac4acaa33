package labeler.chain.format.vmdk;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import labeler.chain.FileName;
import labeler.chain.format.ParseResult;
import labeler.chain.format.ParseResult.Malformed;
import labeler.chain.format.ParseResult.TooMany;
import labeler.chain.format.Reference;

/** The extent lines of a descriptor, as qemu's {@code vmdk_parse_extents} finds them. */
sealed interface Extents {
    /** More than a chain may have files, by default. */
    int MAX_EXTENTS = 512;

    /** As many as a file offset in bytes can count. */
    long MAX_SECTORS = Long.MAX_VALUE / 512;

    /**
     * All that are usable.
     *
     * @param sectors of all together
     */
    record Found(List<Reference> references, long sectors) implements Extents {
        public Found {
            references = List.copyOf(references);
        }
    }

    record Refused(ParseResult.Failure failure) implements Extents {}

    static Extents in(String text) {
        Set<Reference> references = new LinkedHashSet<>();
        long sectors = 0;
        int line = 0;
        while (line < text.length()) {
            int end = text.indexOf('\n', line);
            int next = end < 0 ? text.length() : end + 1;
            // From a blank line qemu scans on to the next, and so meets that extent again: the same name, more size.
            if (end != line && !text.substring(line, next).isBlank()) {
                switch (ExtentLine.scan(text, line)) {
                    case ExtentLine.Other other -> {}
                    case ExtentLine.Broken broken -> {
                        return new Refused(new Malformed("it has an extent with a wrong or missing offset"));
                    }
                    case ExtentLine.Usable usable -> {
                        if (usable.sectors() > MAX_SECTORS - sectors) {
                            return new Refused(new Malformed("its extents are larger than any file"));
                        }
                        references.add(reference(usable));
                        sectors += usable.sectors();
                    }
                }
            }
            if (references.size() > MAX_EXTENTS) {
                return new Refused(new TooMany("it has more than " + MAX_EXTENTS + " extents"));
            }
            line = next;
        }
        return references.isEmpty()
                ? new Refused(new Malformed("it has no extent that can be used"))
                : new Found(List.copyOf(references), sectors);
    }

    private static Reference reference(ExtentLine.Usable extent) {
        return new Reference.Extent(FileName.of(extent.name().getBytes(StandardCharsets.ISO_8859_1)), extent.kind());
    }
}
