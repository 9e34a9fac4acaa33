package labeler.view;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.registry.HostName;
import labeler.registry.KnownHost;
import labeler.registry.Rebuild;
import labeler.registry.Storage;
import labeler.registry.StorageName;

/** A cluster, for people and for programs. */
public final class ClusterText {
    private final Terminal terminal;

    public ClusterText(Terminal terminal) {
        this.terminal = terminal;
    }

    /** One line for each host. */
    public void print(List<KnownHost> hosts) {
        for (KnownHost host : hosts) {
            terminal.print(host.name() + "  " + state(host) + ", " + host.vms() + (host.vms() == 1 ? " VM" : " VMs")
                    + " on record");
        }
    }

    private static String state(KnownHost host) {
        if (host.isFenced()) {
            return "fenced";
        }
        return host.isHeard() ? "there" : "silent: it may run its VMs all the same";
    }

    public static JsonObject hosts(List<KnownHost> hosts) {
        List<Json> all = new ArrayList<>();
        hosts.forEach(host -> all.add(Json.object()
                .put("host", host.name().value())
                .put("heard", host.isHeard())
                .put("fenced", host.isFenced())
                .put("vms", host.vms())
                .build()));
        return Json.object().put("hosts", Json.array(all)).build();
    }

    /** Prints what a rebuild waits for, and what could not be told. */
    public void print(Rebuild rebuild) {
        terminal.print(
                rebuild.isOver()
                        ? "rebuild:  every host has told what it holds"
                        : "rebuild:  waits for "
                                + rebuild.missing().stream()
                                        .sorted()
                                        .map(HostName::value)
                                        .collect(Collectors.joining(", "))
                                + "; run it on each, and then: systemctl restart labelerd.service");
        rebuild.conflicts()
                .forEach((host, all) ->
                        all.forEach(one -> terminal.print("conflict: host " + host + ", " + Terminal.safe(one))));
    }

    public static JsonObject rebuild(Rebuild rebuild) {
        List<Json> conflicts = new ArrayList<>();
        rebuild.conflicts()
                .forEach((host, all) -> all.forEach(one -> conflicts.add(Json.object()
                        .put("host", host.value())
                        .put("conflict", one)
                        .build())));
        return Json.object()
                .put(
                        "missing",
                        Json.array(rebuild.missing().stream()
                                .sorted()
                                .<Json>map(host -> Json.of(host.value()))
                                .toList()))
                .put("conflicts", Json.array(conflicts))
                .build();
    }

    /** One line for each storage. */
    public void printStorages(Map<StorageName, Storage> storages) {
        storages.forEach(
                (name, storage) -> terminal.print(name + "  " + Terminal.safe(storage.type() + " " + storage.id())));
    }

    public static JsonObject storages(Map<StorageName, Storage> storages) {
        List<Json> all = new ArrayList<>();
        storages.forEach((name, storage) -> all.add(storage(name, storage)));
        return Json.object().put("storages", Json.array(all)).build();
    }

    public static JsonObject storage(StorageName name, Storage storage) {
        return Json.object()
                .put("storage", name.value())
                .put("type", storage.type())
                .put("id", storage.id())
                .build();
    }

    /** This host's place in its cluster. */
    public void status(
            HostName host, List<URI> endpoints, Map<StorageName, HostPath> places, Map<StorageName, Storage> storages) {
        terminal.print("host:     " + host);
        terminal.print("registry: answers, one of " + endpoints.size());
        storages.forEach((name, storage) -> terminal.print("storage:  " + name + ", "
                + (places.containsKey(name) ? "at " + places.get(name) : "not mounted here")));
    }

    /** The same for a program. */
    public static JsonObject json(
            HostName host, List<URI> endpoints, Map<StorageName, Storage> storages, Map<StorageName, HostPath> places) {
        List<Json> all = new ArrayList<>();
        storages.forEach((name, storage) -> {
            Json.ObjectBuilder one = Json.object()
                    .put("storage", name.value())
                    .put("type", storage.type())
                    .put("id", storage.id());
            if (places.containsKey(name)) {
                one.put("place", places.get(name).printable());
            }
            all.add(one.build());
        });
        return Json.object()
                .put("host", host.value())
                .put(
                        "endpoints",
                        Json.array(endpoints.stream()
                                .<Json>map(one -> Json.of(one.toString()))
                                .toList()))
                .put("storages", Json.array(all))
                .build();
    }
}
