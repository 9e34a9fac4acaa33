package labeler.chain.oracle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gathers from strace's lines the files that were opened below each directory, with no link left in their names. */
final class OpenedFiles {
    /** If another thread came in between, strace writes a call's end on a line of its own. */
    private static final Pattern OPENED =
            Pattern.compile("(?:open(?:at)?\\(.*|<\\.\\.\\. open(?:at)? resumed>.*)\\)\\s+= [0-9]+<(.*)>$");

    private final List<Set<Path>> files = new ArrayList<>();
    private final Map<Path, Integer> indexes = new HashMap<>();

    OpenedFiles(List<Qemu.Top> tops) throws IOException {
        for (Qemu.Top top : tops) {
            indexes.put(top.directory().toRealPath(), files.size());
            files.add(new TreeSet<>());
        }
    }

    void take(String line) {
        Matcher matcher = OPENED.matcher(line);
        if (matcher.find()) {
            Path file = Path.of(matcher.group(1));
            for (Path above = file.getParent(); above != null; above = above.getParent()) {
                Integer index = indexes.get(above);
                if (index != null) {
                    files.get(index).add(file);
                    return;
                }
            }
        }
    }

    Set<Path> of(int index) {
        return files.get(index);
    }
}
