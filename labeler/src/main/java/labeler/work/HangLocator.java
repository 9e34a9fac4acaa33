package labeler.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.KernelText;
import org.jspecify.annotations.Nullable;

/**
 * Walks a name link by link, on a thread of its own, and reports its place before each step. The kernel does a lookup
 * in one call. This walk finds the file system on which it hangs. Opens nothing.
 */
final class HangLocator {
    /** The kernel's own limit. */
    private static final int MAXIMUM_LINKS = 40;

    private final Admission admission;
    private final MountTable places;
    private final HostPath path;
    private volatile HostPath at = HostPath.of("/");
    private volatile @Nullable HostPath link;

    HangLocator(Admission admission, MountTable places, HostPath path) {
        this.admission = admission;
        this.places = places;
        this.path = path;
    }

    /** The file system where it hangs or ends. A link that leads there is remembered. */
    WorkFileSystem find(long millis) {
        Thread walker = Thread.ofPlatform().name("trace").daemon().start(this::walk);
        try {
            walker.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        WorkFileSystem place = places.of(at);
        HostPath followed = link;
        if (followed != null && !places.of(followed).equals(place)) {
            places.remember(followed, place);
        }
        return place;
    }

    private void walk() {
        Deque<byte[]> pending = new ArrayDeque<>();
        push(pending, path.bytes());
        HostPath directory = HostPath.of("/");
        int links = 0;
        try {
            while (!pending.isEmpty() && links < MAXIMUM_LINKS) {
                HostPath next = next(directory, pending.pop());
                // Reported before the file system is asked. It is not asked if other work already hangs there.
                at = next;
                if (admission.isStuck(places.of(next))) {
                    return;
                }
                Optional<byte[]> target = target(next.jdkPath());
                if (target.isEmpty()) {
                    directory = next;
                    continue;
                }
                links++;
                if (link == null) {
                    link = next;
                }
                push(pending, target.get());
                directory = target.get()[0] == '/' ? HostPath.of("/") : directory;
            }
        } catch (IOException e) {
            // The walk cannot go on, so only the name's text is left.
            at = path;
        }
    }

    /** Puts a path's components before the remaining ones. */
    private static void push(Deque<byte[]> pending, byte[] path) {
        for (byte[] name : KernelText.split(path, '/').reversed()) {
            if (name.length > 0) {
                pending.push(name);
            }
        }
    }

    private static HostPath next(HostPath directory, byte[] name) {
        return switch (new String(name, StandardCharsets.ISO_8859_1)) {
            case "." -> directory;
            case ".." -> directory.parent();
            default -> directory.child(name);
        };
    }

    /** The target, if it is a link. */
    private static Optional<byte[]> target(Path name) throws IOException {
        boolean isLink = Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isSymbolicLink();
        return isLink
                ? Optional.of(Files.readSymbolicLink(name).toString().getBytes(StandardCharsets.UTF_8))
                : Optional.empty();
    }
}
