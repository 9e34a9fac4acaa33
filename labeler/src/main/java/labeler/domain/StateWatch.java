package labeler.domain;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Objects;
import java.util.function.Consumer;
import labeler.problem.IoReason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of each file that comes into a directory or leaves it, by inotify(7). libvirt replaces the file with a domain's
 * state at each change of that domain, and removes it at its end. The directory above is watched as well, where that is
 * allowed: another directory of that name is watched from then on.
 */
final class StateWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateWatch.class);

    private final Path directory;
    private final WatchService service;
    private final Consumer<Path> changed;
    private final Runnable missed;
    private @Nullable WatchKey key;

    /** The directory that {@link #key} is of. */
    private @Nullable String watched;

    private StateWatch(Path directory, WatchService service, Consumer<Path> changed, Runnable missed) {
        this.directory = directory;
        this.service = service;
        this.changed = changed;
        this.missed = missed;
    }

    /**
     * Watches from now on, on a thread of its own.
     *
     * @param changed gets the name of each file
     * @param missed any file may have changed
     * @throws IOException if neither the directory nor the one above can be watched
     */
    static StateWatch open(Path directory, Consumer<Path> changed, Runnable missed) throws IOException {
        WatchService service = directory.getFileSystem().newWatchService();
        boolean isOpen = false;
        try {
            StateWatch watch = new StateWatch(directory, service, changed, missed);
            boolean isAboveWatched = watch.watchAbove();
            watch.watchDirectory(isAboveWatched);
            Thread.ofPlatform().name("libvirt-states").daemon().start(watch::run);
            isOpen = true;
            return watch;
        } finally {
            if (!isOpen) {
                service.close();
            }
        }
    }

    private boolean watchAbove() {
        try {
            register(Objects.requireNonNull(directory.getParent(), "it is no root directory"));
            return true;
        } catch (IOException e) {
            LOG.info("{}: the directory above cannot be watched ({})", directory, IoReason.of(e));
            return false;
        }
    }

    private WatchKey register(Path path) throws IOException {
        return path.register(service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
    }

    /** @param mayBeMissing whether its return would be told */
    private synchronized void watchDirectory(boolean mayBeMissing) throws IOException {
        if (key != null) {
            key.cancel();
            key = null;
        }
        try {
            key = register(directory);
            watched = identity();
        } catch (IOException e) {
            if (!mayBeMissing) {
                throw e;
            }
            LOG.info("{}: it is watched when it is there ({})", directory, IoReason.of(e));
        }
    }

    private String identity() throws IOException {
        return Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS) + " "
                + Files.getAttribute(directory, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether it still tells: the directory may have been removed, or another one may have its name. */
    synchronized boolean isValid() {
        try {
            return key != null && key.isValid() && identity().equals(watched);
        } catch (IOException e) {
            return false;
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey ready = service.take();
                for (WatchEvent<?> event : ready.pollEvents()) {
                    tellSafely(ready, event);
                }
                if (!ready.reset()) {
                    LOG.info("{}: it is not watched any more", ready.watchable());
                }
            }
        } catch (ClosedWatchServiceException e) {
            // The service ends.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellSafely(WatchKey from, WatchEvent<?> event) {
        try {
            tell(from, event);
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            LOG.error("{}: a change was not looked at; the next one is", directory, e);
        }
    }

    private void tell(WatchKey from, WatchEvent<?> event) {
        if (!directory.equals(from.watchable())) {
            tellOfDirectory(event);
        } else if (event.context() instanceof Path name) {
            changed.accept(name);
        } else {
            missed.run();
        }
    }

    /** Something above has come or gone. An event without a name may be any change. */
    private void tellOfDirectory(WatchEvent<?> event) {
        if (event.context() instanceof Path name && !name.equals(directory.getFileName())) {
            return;
        }
        try {
            watchDirectory(true);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        missed.run();
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
