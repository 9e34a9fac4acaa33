package labeler.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.config.ServiceConfig;
import labeler.journal.DirectoryLock;
import labeler.journal.SqliteJournal;
import labeler.linux.HostPath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the service before this one. A process with a thread in a call that does not return keeps its locks, whatever
 * signal it gets, and systemd starts the next service all the same.
 */
final class EarlierService {
    private static final Logger LOG = LoggerFactory.getLogger(EarlierService.class);

    private static final long PAUSE_MILLIS = 200;

    /** Ten seconds. The watchdog counts from the word that the service is ready. */
    private static final int ROUNDS_BETWEEN_SIGNS = 50;

    private EarlierService() {}

    /**
     * Under systemd, waits until nobody has the locks of this service's directories. Elsewhere somebody sees that another
     * service runs. To systemd this one is ready meanwhile: all that is ordered after it would wait as well.
     */
    static void awaitEnd(ServiceConfig config, ServiceManager manager) {
        List<Path> locks = List.of(SqliteJournal.lockFile(config.stateDirectory()), Directories.lockFile(config));
        if (!manager.isListening() || locks.stream().noneMatch(EarlierService::isTaken)) {
            return;
        }
        Runtime runtime = Runtime.getRuntime();
        // A JVM by itself would not end with 0.
        Thread stop = new Thread(() -> runtime.halt(0), "stop");
        runtime.addShutdownHook(stop);
        for (Path lock : locks) {
            await(lock, manager);
        }
        try {
            boolean _ = runtime.removeShutdownHook(stop);
        } catch (IllegalStateException e) {
            LOG.debug("the wait ends with the service", e);
        }
        manager.alive();
        manager.status("");
    }

    private static void await(Path lock, ServiceManager manager) {
        if (!isTaken(lock)) {
            return;
        }
        String waits = "waits for the end of another labelerd, which has locked " + HostPath.of(lock);
        LOG.warn("{}; if that one is not about to end, stop it", waits);
        manager.status(waits);
        manager.ready();
        try {
            for (int round = 1; isTaken(lock); round++) {
                if (round % ROUNDS_BETWEEN_SIGNS == 0) {
                    manager.alive();
                }
                Thread.sleep(PAUSE_MILLIS);
            }
            LOG.info("{} is free", HostPath.of(lock));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A lock that cannot be looked at is not waited for: who takes it says why. */
    private static boolean isTaken(Path lock) {
        try {
            Optional<FileChannel> taken = DirectoryLock.take(lock);
            if (taken.isPresent()) {
                taken.get().close();
            }
            return taken.isEmpty();
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", lock, e);
            return false;
        }
    }
}
