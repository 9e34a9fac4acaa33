package labeler.domain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.journal.VmRecord;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.mcs.ProcessContexts;
import labeler.vm.VmName;

/**
 * The processes of libvirt's domains, as the kernel shows them. What libvirt keeps on disk may be away while they run: it
 * was removed, or is in another mount namespace.
 */
final class Emulators {
    private final Processes processes;
    private final ProcessContexts contexts;

    @Inject
    Emulators(Linux linux, ProcessContexts contexts) {
        this.processes = linux.processes();
        this.contexts = contexts;
    }

    /** Why a VM may run still; empty if it does not. */
    Optional<String> signOfLife(VmRecord vm) {
        try {
            if (vm.process().isPresent()
                    && processes.identify(vm.process().get().pid()).equals(vm.process())) {
                return Optional.of("its process " + vm.process().get().pid() + " runs");
            }
            if (contexts.levels(Optional.empty()).contains(vm.contexts().level())) {
                return Optional.of("a process has its level " + vm.contexts().level());
            }
            return named(vm.name());
        } catch (IOException e) {
            return unknown(e);
        }
    }

    /** The process that has a VM's name, in words; empty if there is none. */
    Optional<String> named(VmName name) {
        try {
            for (Pid pid : processes.list()) {
                if (isOf(name, pid)) {
                    return Optional.of("process " + pid + " has its name");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return unknown(e);
        }
    }

    private static Optional<String> unknown(IOException e) {
        return Optional.of("whether it runs cannot be told: " + e.getMessage());
    }

    /** libvirt names the guest in the command line of each emulator. */
    private static boolean isOf(VmName name, Pid pid) throws IOException {
        List<String> words = words(pid);
        int option = words.indexOf("-name");
        if (option < 0 || option + 1 == words.size()) {
            return false;
        }
        String guest = "guest=" + name.value();
        String value = words.get(option + 1);
        return value.equals(guest) || value.startsWith(guest + ",") || value.equals(name.value());
    }

    private static List<String> words(Pid pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        try {
            return List.of(Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                    .split("\0", -1));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            if (Files.exists(process, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            // It ended while it was read.
            return List.of();
        }
    }
}
