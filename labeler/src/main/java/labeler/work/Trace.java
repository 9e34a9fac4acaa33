package labeler.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import labeler.linux.HostPath;
import org.jspecify.annotations.Nullable;

/**
 * Walks a name link by link, on a thread of its own, and says before each step where it is: so the file system shows on
 * which a lookup hangs that the kernel does in one call. Opens nothing.
 */
final class Trace {
    /** As the kernel's own limit. */
    private static final int MAXIMUM_LINKS = 40;

    private final Admission admission;
    private final Places places;
    private final HostPath path;
    private volatile HostPath at = HostPath.of("/");
    private volatile @Nullable HostPath link;

    Trace(Admission admission, Places places, HostPath path) {
        this.admission = admission;
        this.places = places;
        this.path = path;
    }

    /** Where it hangs, or ends. A link that leads there is remembered. */
    Place find(long millis) {
        Thread walker = Thread.ofPlatform().name("trace").daemon().start(this::walk);
        try {
            walker.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Place place = places.of(at);
        HostPath followed = link;
        if (followed != null && !places.of(followed).equals(place)) {
            places.remember(followed, place);
        }
        return place;
    }

    private void walk() {
        Deque<Path> pending = new ArrayDeque<>();
        path.jdkPath().toAbsolutePath().forEach(pending::addLast);
        Path directory = Path.of("/");
        int links = 0;
        try {
            while (!pending.isEmpty() && links < MAXIMUM_LINKS && !admission.isStuck(places.of(at))) {
                Path next = next(directory, pending.pop());
                at = HostPath.of(next);
                Optional<Path> target = admission.isStuck(places.of(at)) ? Optional.empty() : target(next);
                if (target.isEmpty()) {
                    directory = next;
                    continue;
                }
                links++;
                if (link == null) {
                    link = at;
                }
                for (int i = target.get().getNameCount() - 1; i >= 0; i--) {
                    pending.push(target.get().getName(i));
                }
                directory = target.get().isAbsolute() ? Path.of("/") : directory;
            }
        } catch (IOException e) {
            // There the name ends for whoever looks it up, too.
            at = HostPath.of(directory);
        }
    }

    private static Path next(Path directory, Path name) {
        return switch (name.toString()) {
            case "." -> directory;
            case ".." -> Optional.ofNullable(directory.getParent()).orElse(directory);
            default -> directory.resolve(name);
        };
    }

    private static Optional<Path> target(Path name) throws IOException {
        boolean isLink = Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isSymbolicLink();
        return isLink ? Optional.of(Files.readSymbolicLink(name)) : Optional.empty();
    }
}
