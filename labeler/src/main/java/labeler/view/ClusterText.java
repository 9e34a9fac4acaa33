package labeler.view;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.registry.HostName;
import labeler.registry.KnownHost;
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

    /** One line for each storage. */
    public void printStorages(Map<StorageName, Storage> storages) {
        storages.forEach((name, storage) -> terminal.print(name + "  " + storage.type() + " " + storage.id()));
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
