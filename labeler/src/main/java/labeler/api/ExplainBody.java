package labeler.api;

import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;

/**
 * The thing to explain: one of both.
 *
 * @param lines of the kernel's audit log
 * @param file an absolute path
 */
public record ExplainBody(
        @LeftOut List<String> lines, @LeftOut Optional<HostPath> file) implements Checked {
    public ExplainBody {
        lines = List.copyOf(lines);
    }

    @Override
    public Optional<String> fault() {
        if (file.isPresent() == !lines.isEmpty()) {
            return Optional.of("it needs \"lines\" or a \"file\", and not both");
        }
        return file.filter(path -> !path.isAbsolute()).map(_ -> "the file must be absolute");
    }
}
