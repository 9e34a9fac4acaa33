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
import java.util.Set;
import labeler.journal.VmRecord;
import labeler.linux.KernelText;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.mcs.ProcessContexts;
import labeler.vm.VmName;

/**
 * The processes of libvirt's domains, as the kernel shows them. What libvirt keeps on disk may be away while they run: it
 * was removed, or is in another mount namespace.
 */
record Emulators(Processes processes, ProcessContexts contexts) {
    /** libvirt gives this directory to the user as whom it runs its qemus. */
    private static final Path LIBRARY = Path.of("/var/lib/libvirt/qemu");

    @Inject
    Emulators {}

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
    private Optional<String> named(VmName name) {
        try {
            Set<Object> users = users();
            for (Pid pid : processes.list()) {
                if (isOf(users, pid) && isOf(name, pid)) {
                    return Optional.of("process " + pid + " has its name");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return unknown(e);
        }
    }

    private static Optional<String> unknown(IOException e) {
        return Optional.of("cannot tell whether it runs: " + e.getMessage());
    }

    /** The users as whom libvirt runs qemu. Command lines of others count for nothing. */
    private static Set<Object> users() throws IOException {
        try {
            return Set.copyOf(List.of(0, Files.getAttribute(LIBRARY, "unix:uid")).stream()
                    .distinct()
                    .toList());
        } catch (NoSuchFileException e) {
            return Set.of(0);
        }
    }

    private static boolean isOf(Set<Object> users, Pid pid) throws IOException {
        try {
            return users.contains(Files.getAttribute(Path.of("/proc/" + pid), "unix:uid"));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** libvirt names the guest in the command line of each emulator; a comma is doubled there. */
    private static boolean isOf(VmName name, Pid pid) throws IOException {
        List<String> words = words(pid);
        int option = words.indexOf("-name");
        if (option < 0 || option + 1 == words.size()) {
            return false;
        }
        String doubled = bytes(name.value().replace(",", ",,"));
        String value = words.get(option + 1);
        return isBegin("guest=" + doubled, value) || isBegin(doubled, value);
    }

    /** Up to the end of the value of the option, at a comma that is not doubled. */
    private static boolean isBegin(String begin, String value) {
        String rest = value.startsWith(begin) ? value.substring(begin.length()) : ",,";
        return rest.isEmpty() || (rest.startsWith(",") && !rest.startsWith(",,"));
    }

    /** The words of a command line are bytes. */
    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static List<String> words(Pid pid) throws IOException {
        Path process = Path.of("/proc/" + pid);
        try {
            return KernelText.split(Files.readAllBytes(process.resolve("cmdline")), '\0').stream()
                    .map(word -> new String(word, StandardCharsets.ISO_8859_1))
                    .toList();
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
