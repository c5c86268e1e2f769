# Runs Ruby of a project for Suiro's rb> operator.
#
# Usage: runner.rb COMMAND INPUT OUTPUT
#        runner.rb --script FILE INPUT OUTPUT
#
# COMMAND names a method, FILE is a program of its own. INPUT is a JSON file with the parameters. OUTPUT is
# a JSON file that is written here: what was stored, exported and asked for as subtasks, or the error.

# What this file needs is Ruby's own: the project's files come first on the path.
given_path = $LOAD_PATH.dup
$LOAD_PATH.reject! { |folder| File.expand_path(folder) == Dir.pwd }
require 'json'
$LOAD_PATH.replace(given_path)

module Digdag
  # The object behind Digdag.env.
  class Env
    attr_reader :params, :store_params, :export_params, :state_params, :subtask_config

    def initialize(params)
      @params = params
      @store_params = {}
      @export_params = {}
      @state_params = {}
      @subtask_config = {}
    end

    # Parameters for the tasks after this one.
    def store(params)
      @store_params.merge!(serializable(params))
      self
    end

    # Parameters for this task's own subtasks.
    def export(params)
      @export_params.merge!(serializable(params))
      self
    end

    # Kept for compatibility; nothing reads it.
    def set_state(params)
      @state_params.merge!(serializable(params))
      self
    end

    # Adds a task below this one: a class, the name of its method and its parameters, or a task as a hash.
    def add_subtask(*what)
      if what.length == 1 && what[0].is_a?(Hash)
        config = what[0].dup
      elsif what.length.between?(2, 3) && what[0].is_a?(Module)
        receiver, method, params = what
        unless receiver.respond_to?(method) || receiver.public_method_defined?(method)
          raise ArgumentError, "#{receiver} has no public method '#{method}'"
        end
        config = (params || {}).merge('rb>' => "::#{receiver}.#{method}")
      else
        raise ArgumentError, 'add_subtask needs a class and the name of its method, or a hash'
      end
      @subtask_config["+subtask#{@subtask_config.length}"] = serializable(config)
      self
    end

    def result
      { 'subtask_config' => @subtask_config, 'export_params' => @export_params, 'store_params' => @store_params }
    end

    private

    # Fails in the line that stores, not later in one that nobody wrote.
    def serializable(params)
      raise ArgumentError, "Parameters must be a hash, not #{params.class}" unless params.is_a?(Hash)
      JSON.parse(JSON.generate(params))
    rescue JSON::GeneratorError => e
      raise ArgumentError, "Parameters must be serializable using JSON: #{e.message}"
    end
  end

  class << self
    attr_accessor :env

    # What the task's _secrets names.
    attr_reader :secrets

    def secrets=(given)
      @secrets = Hash.new do |_, key|
        raise KeyError, "Secret '#{key}' is not there: set it, and name it in the task's _secrets"
      end.merge!(given)
    end
  end
end

# Calls what a rb> command names, parameters bound by name.
module SuiroRunner
  # Where the project's files are; code that runs may change its folder.
  PROJECT = Dir.pwd

  module_function

  def call(command, params)
    *path, name = command.split('.')
    if path.empty?
      # A method that a required file defines at its top level.
      main = TOPLEVEL_BINDING.receiver
      return invoke(main.method(name), name, params)
    end
    receiver = Object.const_get(path.join('.'))
    if receiver.is_a?(Class) && receiver.public_method_defined?(name)
      made = invoke(receiver.method(:new), "#{receiver}#initialize", params, receiver.instance_method(:initialize))
      invoke(made.public_method(name), "#{receiver}##{name}", params)
    else
      invoke(receiver.public_method(name), "#{receiver}.#{name}", params)
    end
  end

  # `shape` is where the parameters stand, when that is not the method itself.
  def invoke(method, name, params, shape = method)
    positional = []
    keywords = {}
    shape.parameters.each do |kind, parameter|
      key = parameter.to_s
      case kind
      when :req, :keyreq
        unless params.key?(key)
          raise ArgumentError, "Method '#{name}' requires parameter '#{key}' but not set"
        end
        kind == :req ? positional << params[key] : keywords[parameter] = params[key]
      when :opt
        positional << params[key] if params.key?(key)
      when :key
        keywords[parameter] = params[key] if params.key?(key)
      when :keyrest
        params.each { |other, value| keywords[other.to_sym] = value unless keywords.key?(other.to_sym) }
      end
    end
    # Before Ruby 3, no keywords at all would still be an argument.
    keywords.empty? ? method.call(*positional) : method.call(*positional, **keywords)
  end

  def describe(error)
    frames = (error.backtrace || []).reject { |frame| frame.start_with?("#{__FILE__}:") }
    # Files of the project by their names there: the folder is one that ends with the task.
    frames = frames.map { |frame| frame.delete_prefix("#{PROJECT}/") }
    # Ruby 3.1 to 3.3 draw the line of a mistake into the message itself.
    message = error.respond_to?(:original_message) ? error.original_message : error.message
    { 'class' => error.class.name, 'message' => message, 'backtrace' => frames, 'advice' => hiding(error).join("\n") }
  end

  # Files of the project that were loaded instead of Ruby's own, where that may be why something is missing.
  def hiding(error)
    return [] unless error.is_a?(NameError) || error.is_a?(LoadError)
    library = RbConfig::CONFIG['rubylibdir']
    own = $LOADED_FEATURES.map { |file| file.delete_prefix("#{PROJECT}/") if file.start_with?("#{PROJECT}/") }.compact
    own.select { |file| File.exist?(File.join(library, file)) }.map do |file|
      "#{file.delete_suffix('.rb')} was loaded from #{file} of the project, which hides Ruby's own: " \
        "give the project's file another name"
    end
  end

  def main(arguments)
    *what, input_file, output_file = arguments
    input_file = File.expand_path(input_file)
    output_file = File.expand_path(output_file)
    given = JSON.parse(File.read(input_file, encoding: 'UTF-8'))
    params = given['params']
    Digdag.env = Digdag::Env.new(params)
    Digdag.secrets = given['secrets'] || {}
    $stdout.sync = true
    status = 0
    begin
      if what[0] == '--script'
        ARGV.replace([input_file, output_file])
        begin
          load what[1]
        rescue SystemExit => e
          raise unless e.success?
        end
      else
        ARGV.clear
        call(what[0], params)
      end
      result = Digdag.env.result
    rescue Exception => e # Whatever ended the code is to be told.
      status = e.is_a?(SystemExit) && !e.success? ? e.status : 1
      result = { 'error' => describe(e) }
      warn e.full_message(highlight: false, order: :top)
    end
    # A script may have written its result itself, as Digdag asks it to.
    File.write(output_file, JSON.generate(result)) if status != 0 || !File.exist?(output_file)
    exit status
  end
end

SuiroRunner.main(ARGV.dup) if $PROGRAM_NAME == __FILE__
