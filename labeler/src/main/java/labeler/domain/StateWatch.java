package labeler.domain;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of each file that comes into a directory or leaves it, by inotify(7). libvirt replaces the file with a domain's
 * state at each change of that domain, and removes it at its end.
 */
final class StateWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateWatch.class);

    private final WatchService service;
    private final WatchKey key;
    private final Consumer<Path> changed;
    private final Runnable missed;

    private StateWatch(WatchService service, WatchKey key, Consumer<Path> changed, Runnable missed) {
        this.service = service;
        this.key = key;
        this.changed = changed;
        this.missed = missed;
    }

    /**
     * Watches from now on, on a thread of its own.
     *
     * @param changed gets the name of each file
     * @param missed any file may have changed
     */
    static StateWatch open(Path directory, Consumer<Path> changed, Runnable missed) throws IOException {
        WatchService service = directory.getFileSystem().newWatchService();
        try {
            WatchKey key = directory.register(
                    service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            StateWatch watch = new StateWatch(service, key, changed, missed);
            Thread.ofPlatform().name("libvirt-states").daemon().start(watch::run);
            return watch;
        } catch (IOException | RuntimeException e) {
            service.close();
            throw e;
        }
    }

    /** Whether it still tells: the directory may have been removed. */
    boolean isValid() {
        return key.isValid();
    }

    private void run() {
        try {
            while (true) {
                WatchKey ready = service.take();
                ready.pollEvents().forEach(this::tell);
                if (!ready.reset()) {
                    LOG.info(
                            "libvirt's directory of states is gone; it is watched again with the next start of a domain");
                    return;
                }
            }
        } catch (ClosedWatchServiceException e) {
            // The service ends.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(WatchEvent<?> event) {
        if (event.context() instanceof Path name) {
            changed.accept(name);
        } else {
            missed.run();
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }
}
