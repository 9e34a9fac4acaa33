package labeler.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The values of our booleans: in the kernel now, and in the policy's store for the next load. */
record PolicyBooleans(PolicyTarget target) {
    /** The values that count: the kernel's, or the stored ones if no kernel is running. */
    Map<String, Boolean> values(ShippedModule shipped) throws IOException {
        Map<String, Boolean> values = stored(shipped);
        if (target.isLive()) {
            for (String name : shipped.booleans().keySet()) {
                current(name).ifPresent(value -> values.put(name, value));
            }
        }
        return values;
    }

    /** The wanted values that differ, now or after the next load of the policy. */
    Map<String, Boolean> missing(ShippedModule shipped, Map<String, Boolean> wanted) throws IOException {
        Map<String, Boolean> now = values(shipped);
        Map<String, Boolean> later = stored(shipped);
        Map<String, Boolean> missing = new LinkedHashMap<>();
        wanted.forEach((name, value) -> {
            if (!value.equals(now.get(name)) || !value.equals(later.get(name))) {
                missing.put(name, value);
            }
        });
        return missing;
    }

    private Map<String, Boolean> stored(ShippedModule shipped) throws IOException {
        Map<String, Boolean> values = new LinkedHashMap<>(shipped.booleans());
        values.putAll(local(shipped));
        return values;
    }

    /** The values that somebody has set for good. */
    Map<String, Boolean> local(ShippedModule shipped) throws IOException {
        Map<String, Boolean> values = new LinkedHashMap<>(BooleanLines.read(storedLines()));
        values.keySet().retainAll(shipped.booleans().keySet());
        return values;
    }

    /** The wanted values, and those from before a removal where nobody has set another since. */
    Map<String, Boolean> withKept(Map<String, Boolean> kept, ShippedModule shipped, Map<String, Boolean> wanted)
            throws IOException {
        Map<String, Boolean> all = new LinkedHashMap<>(kept);
        all.keySet().retainAll(shipped.booleans().keySet());
        all.keySet().removeAll(local(shipped).keySet());
        all.putAll(wanted);
        return all;
    }

    /** The booleans that make handing over files useless, if they are on in the running kernel. */
    List<String> opening() {
        return target.isLive() ? new OpeningBooleans(target.host()).on() : List.of();
    }

    /** Whether the running kernel has it. */
    boolean isLoaded(String name) {
        return target.isLive() && current(name).isPresent();
    }

    private Optional<Boolean> current(String name) {
        return OpeningBooleans.current(target.host(), name);
    }

    /** libsemanage's file of values that differ from the modules' defaults, one {@code name=0|1} a line. */
    private Path store() throws IOException {
        return target.at("/var/lib/selinux/" + target.policyType() + "/active/booleans.local");
    }

    private List<String> storedLines() throws IOException {
        return Files.exists(store()) ? Files.readAllLines(store()) : List.of();
    }

    /** A build of the policy. */
    @FunctionalInterface
    interface Build {
        void run() throws IOException;
    }

    /**
     * Stores these values for a system that is not running, and builds its policy. setsebool(8) knows only the running
     * system. If the build fails, the store is as before.
     */
    void storeFor(Map<String, Boolean> values, Build build) throws IOException {
        boolean wasThere = Files.exists(store());
        List<String> before = storedLines();
        List<String> lines = new ArrayList<>(before);
        lines.removeIf(line -> values.containsKey(line.strip().split("=", 2)[0]));
        lines.addAll(BooleanLines.write(values));
        BooleanLines.replace(store(), lines);
        boolean built = false;
        try {
            build.run();
            built = true;
        } finally {
            if (!built && wasThere) {
                BooleanLines.replace(store(), before);
            } else if (!built) {
                Files.deleteIfExists(store());
            }
        }
    }

    /** {@code setsebool} for these values, permanently. */
    static List<String> setsebool(Map<String, Boolean> values) {
        List<String> command = new ArrayList<>(List.of("setsebool", "-P"));
        command.addAll(BooleanLines.write(values));
        return command;
    }
}
