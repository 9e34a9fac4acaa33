package labeler.api;

import java.util.List;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.Problem;
import labeler.fileset.ImageLabels;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonBytes;

/** A chain in the words of the interface. */
public final class ChainJson {
    private ChainJson() {}

    public static <F extends ImageFile> JsonObject of(FileName image, Chain<F> chain, ImageLabels labels) {
        ObjectBuilder object = Json.object();
        put(object, "image", image);
        return object.put("complete", chain.isComplete())
                .put(
                        "nodes",
                        chain.nodes().stream()
                                .map(node -> node(node, chain, labels))
                                .toList())
                .put(
                        "external",
                        Stream.concat(
                                        chain.external().stream().map(ChainJson::external),
                                        chain.unfollowed().stream().map(ChainJson::unfollowed))
                                .toList())
                .put("problems", problems(chain.problems()))
                .put("warnings", problems(chain.warnings()))
                .build();
    }

    private static <F extends ImageFile> JsonObject node(Chain.Node<F> node, Chain<F> chain, ImageLabels labels) {
        ObjectBuilder object = Json.object();
        put(object, "path", node.name());
        object.put("role", node.role().word())
                .put("format", node.format().driver())
                .put("formatSource", node.formatSource().word())
                .put(
                        "content",
                        node.content()
                                .<Json>map(content -> Json.of(content.word()))
                                .orElseGet(Json::nothing))
                .put("depth", node.depth());
        if (node.parent().isPresent()) {
            put(object, "parent", chain.nodes().get(node.parent().getAsInt()).name());
        } else {
            object.put("parent", Json.nothing());
        }
        return object.put("access", word(node.access()))
                .put("device", node.file().identity().device())
                .put("inode", node.file().identity().inode())
                .put(
                        "virtualSize",
                        node.virtualSize().isPresent()
                                ? Json.of(node.virtualSize().getAsLong())
                                : Json.nothing())
                .put("label", labels.of(node.file()).<Json>map(Json::of).orElseGet(Json::nothing))
                .build();
    }

    private static JsonObject external(Chain.External external) {
        ObjectBuilder object = Json.object();
        put(object, "reference", external.reference());
        object.put("protocol", external.protocol()).put("role", external.role().word());
        put(object, "parent", external.parent());
        return object.put("followed", external.followed()).build();
    }

    private static JsonObject unfollowed(Chain.Unfollowed named) {
        ObjectBuilder object = Json.object();
        put(object, "reference", named.reference());
        object.put("protocol", named.format().driver())
                .put("role", named.relation().word());
        put(object, "parent", named.parent());
        return object.put("followed", false).build();
    }

    private static List<JsonObject> problems(List<Problem> problems) {
        return problems.stream().map(ChainJson::problem).toList();
    }

    private static JsonObject problem(Problem problem) {
        ObjectBuilder object = Json.object().put("kind", problem.kind().name());
        put(object, "file", problem.file());
        problem.namedBy().ifPresent(name -> put(object, "namedBy", name));
        return object.put("message", problem.message()).build();
    }

    private static void put(ObjectBuilder object, String member, FileName name) {
        JsonBytes.put(object, member, name.bytes(), name.printable());
    }

    public static String word(Access access) {
        return switch (access) {
            case READ_ONLY -> "read-only";
            case READ_WRITE -> "read-write";
        };
    }
}
