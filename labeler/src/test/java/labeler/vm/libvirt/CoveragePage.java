package labeler.vm.libvirt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The parts of {@code docs/coverage.md} that are made: each stands between two comments with its name. */
final class CoveragePage {
    private CoveragePage() {}

    /** The page with another text in that part. */
    static String with(String page, String part, String text) {
        String start = "<!-- " + part + " -->\n";
        String end = "<!-- end of " + part + " -->\n";
        int from = page.indexOf(start);
        int to = page.indexOf(end);
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("the page has no part " + part);
        }
        return page.substring(0, from) + start + text.strip() + "\n" + page.substring(to);
    }

    static void write(Path page, String part, String text) throws IOException {
        Files.writeString(page, with(Files.readString(page), part, text));
    }
}
